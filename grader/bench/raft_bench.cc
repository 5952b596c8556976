// How long a thousand bad half-minutes of a Raft cluster take: five servers, 200 commands a second,
// every fault of the machine room, every rule on. Plays them in as many processes as there are
// processors.
//   raft_bench [SEEDS]
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "common/node/module_loader.h"
#include "grader/bench/arguments.h"
#include "grader/run/play.h"
#include "grader/scenarios/raft/raft_room.h"

namespace quorum::grader::raft {
namespace {

constexpr std::uint64_t kSeeds = 1'000;
constexpr int kClients = 20;
constexpr int kOperations = 300;                 // of each client
constexpr sim::SimTime kPause = 170'000'000;     // at most; a client waits for its answers besides
constexpr sim::SimTime kBadTime = 28 * kSecond;  // of 30 seconds

void PlayBadHalfMinute(Stage& stage) {
  RaftRoom room(stage, {.nodes = 5});
  room.AwaitLeader();
  room.StartClients(kClients, kOperations, kPause);
  room.LetThingsGoWrongFor(kBadTime);
  room.HealAndDemandProgress();
}

const Scenario kBadHalfMinute = {.lab = "raft",
                                 .part = "",
                                 .name = "BadHalfMinute",
                                 .story = "",
                                 .profile = faults::Profile::kEverything,
                                 .play = PlayBadHalfMinute};

struct Totals {
  std::uint64_t seeds = 0;
  std::uint64_t passed = 0;
  std::uint64_t events = 0;
  std::uint64_t simulated_ns = 0;
  std::uint64_t wall_ns = 0;

  void Add(const Totals& other) {
    seeds += other.seeds;
    passed += other.passed;
    events += other.events;
    simulated_ns += other.simulated_ns;
    wall_ns += other.wall_ns;
  }
};

/// Plays every `step`th seed from `first` on.
Totals Play(const ModuleTable& module, std::uint64_t first, std::uint64_t last,
            std::uint64_t step) {
  Totals totals;
  for (std::uint64_t seed = first; seed <= last; seed += step) {
    const run::RunResult result =
        run::Play(kBadHalfMinute, run::PlanOf(kBadHalfMinute, seed), {&module});
    const bool passed = result.verdict() == run::RUN_PASSED;
    if (!passed) fmt::print(stderr, "seed {}: {}\n", seed, result.failure().ShortDebugString());
    totals.Add({1, passed ? 1u : 0u, result.events(),
                static_cast<std::uint64_t>(result.simulated_ns()),
                static_cast<std::uint64_t>(result.wall_ns())});
  }
  return totals;
}

Totals PlayInProcesses(const ModuleTable& module, std::uint64_t seeds, std::uint64_t processes) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  for (std::uint64_t process = 0; process < processes; ++process) {
    if (fork() != 0) continue;
    const Totals totals = Play(module, 1 + process, seeds, processes);
    const bool told = write(ends[1], &totals, sizeof totals) == sizeof totals;
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  Totals all;
  Totals one;
  while (read(ends[0], &one, sizeof one) == sizeof one) all.Add(one);
  close(ends[0]);
  while (wait(nullptr) > 0) {
  }
  return all;
}

int Main(std::uint64_t seeds) {
  const auto module = LoadModule(RAFT_MODULE);
  if (!module.ok()) {
    fmt::print(stderr, "raft_bench: {}\n", module.status().ToString());
    return 2;
  }
  const std::uint64_t processes = std::max(1u, std::thread::hardware_concurrency());
  const auto begin = std::chrono::steady_clock::now();
  const Totals all = PlayInProcesses(**module, seeds, processes);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  const double simulated = static_cast<double>(all.simulated_ns) / 1e9;
  const double commands =
      static_cast<double>(kClients * kOperations) * static_cast<double>(all.seeds);
  fmt::print(
      "{} of {} seeds pass: 5 servers, {:.1f} simulated seconds each, {:.0f} commands a second\n",
      all.passed, seeds, simulated / static_cast<double>(seeds), commands / simulated);
  fmt::print(
      "{:.2f} s on {} processors; {:.0f} simulated seconds a second on one, {:.2f} M events\n",
      wall.count(), processes, simulated / (static_cast<double>(all.wall_ns) / 1e9),
      static_cast<double>(all.events) / (static_cast<double>(all.wall_ns) / 1e3));
  return all.passed == seeds ? 0 : 1;
}

}  // namespace
}  // namespace quorum::grader::raft

int main(int argc, char** argv) {
  CLI::App app("Seeds of Raft under faults, all rules on", "raft_bench");
  std::uint64_t seeds = quorum::grader::raft::kSeeds;
  app.add_option("SEEDS", seeds, "How many")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  quorum::bench::ReadArguments(app, argc, argv);
  return quorum::grader::raft::Main(seeds);
}
