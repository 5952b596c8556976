// Cells of lab 4's reference as processes, one after the other, over Raft and over Multi-Paxos:
// killed and stopped servers and clients, cut and slow links, full and hanging disks, power
// failures, and a damaged replica that comes back, in random order, for so many minutes. What the
// clients were told is judged: nothing that was acknowledged is lost or executed twice, and no two
// hold the lock with one fencing token. Exit code 1: something is wrong; it says what.

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "common/env/real/clock.h"
#include "grader/bench/arguments.h"
#include "grader/check/linearizability/explain.h"
#include "grader/processes/chaos.h"

namespace quorum::grader {
namespace {

constexpr int kClients = 3;
constexpr NodeId kServers = 5;
constexpr NodeId kSpare = 6;

/// Everything twice, but the damage, in an order that `seed` says.
std::vector<Episode> Draw(std::uint64_t seed, bool raft) {
  std::vector<Episode> episodes = AllEpisodes();
  episodes.push_back(Episode::kStoppedClient);
  const std::vector<Episode> once = episodes;
  episodes.insert(episodes.end(), once.begin(), once.end());
  if (raft) episodes.push_back(Episode::kDamagedReplica);
  std::mt19937_64 random(seed);
  for (std::size_t left = episodes.size(); left > 1; --left) {
    std::swap(episodes[left - 1], episodes[random() % left]);
  }
  return episodes;
}

Chaos StartCell(bool raft) {
  const char* servers = raft ? R"("peers": [1, 2, 3, 4, 5], "features": ["membership"], )" : "";
  return {Service::kLockService,
          {.role = "lock_service.server",
           .modules = std::vector<std::string>(raft ? kSpare : kServers, LOCK_MODULE),
           .config = fmt::format(
               R"({{{}"lab": {{"@type": "type.googleapis.com/quorum.lock_service.LockServerConfig",
                             "leaseNs": "2000000000", "snapshotEvery": 50}}}})",
               servers),
           .more = {"--log-module", raft ? RAFT_MODULE : PAXOS_MODULE}},
          kClients,
          raft ? std::set<NodeId>{kSpare} : std::set<NodeId>{}};
}

/// True if nothing is wrong.
bool PlayCell(std::uint64_t seed) {
  const bool raft = seed % 2 == 0;
  const Time begin = MonotonicNow();
  fmt::print("cell {} over {}:", seed, raft ? "Raft" : "Multi-Paxos");
  Chaos chaos = StartCell(raft);
  int played = 0;
  for (const Episode episode : Draw(seed, raft)) {
    fmt::print("{} {}", played++ == 0 ? "" : ",", NameOf(episode));
    std::fflush(stdout);
    chaos.Play(episode);
    if (!chaos.complaints().empty()) break;
  }
  const check::CheckResult result = chaos.End();
  const std::chrono::duration<double> took = MonotonicNow() - begin;
  fmt::print("\n  {} episodes, {} operations, {:.0f} s\n", played, chaos.executed(), took.count());
  for (const std::string& wrong : chaos.complaints()) fmt::print("  WRONG: {}\n", wrong);
  if (result.verdict != check::Verdict::kLinearizable) {
    fmt::print("  WRONG: {}\n", check::Explain(result));
  }
  std::fflush(stdout);
  return chaos.complaints().empty() && result.verdict == check::Verdict::kLinearizable;
}

int Main(double minutes, std::uint64_t seed) {
  const Time end = MonotonicNow() + std::chrono::duration_cast<Duration>(
                                        std::chrono::duration<double, std::ratio<60>>(minutes));
  int cells = 0;
  int wrong = 0;
  do {
    ++cells;
    if (!PlayCell(seed++)) ++wrong;
  } while (MonotonicNow() < end);
  if (wrong > 0) {
    fmt::print("{} of {} cells: WRONG (see above)\n", wrong, cells);
  } else {
    fmt::print("{} cells: nothing lost or done twice, and one holder at a time\n", cells);
  }
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace quorum::grader

int main(int argc, char** argv) {
  CLI::App app("Chaos of cells of the lock service, for a while", "lock_soak");
  double minutes = 5;
  std::uint64_t seed = std::random_device()();
  app.add_option("--minutes", minutes, "How long; the last cell is played to its end")
      ->check(CLI::Range(0.0, 10'000.0))
      ->capture_default_str();
  app.add_option("--seed", seed,
                 "Of the first cell: the order of what happens; otherwise a random one");
  quorum::bench::ReadArguments(app, argc, argv);
  return quorum::grader::Main(minutes, seed);
}
