// The reference of lab 3 as three processes over gRPC and RocksDB, beside etcd: puts of 256 bytes
// by 1 to 256 clients, and how long nobody's put is executed when the leader is killed or stopped.
// The two are measured in turns. Beside one client, the floor: see puts/floor.h. Exit code 1: a
// bound does not hold.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "grader/bench/arguments.h"
#include "grader/bench/puts/floor.h"
#include "grader/bench/puts/load.h"
#include "grader/bench/puts/store.h"

namespace quorum::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kRounds = 5;
constexpr double kFloorBound = 1.4;  ///< the median put of one client, times the floor
constexpr double kEtcdBound = 2;     ///< puts a second from 16 clients on, times etcd's
constexpr auto kKillBound = 500ms;   ///< without a put after kill -9 of the leader
constexpr auto kStopBound = 600ms;   ///< after its SIGSTOP

struct Load {
  int clients;
  int puts;
};
constexpr Load kLoads[] = {{1, 1500}, {16, 6000}, {64, 12000}, {256, 16000}};

template <class Value>
Value MedianOf(std::vector<Value> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// A store and those who use it.
struct Contestant {
  explicit Contestant(std::unique_ptr<Store> started)
      : store(std::move(started)), clients(*store) {}
  std::unique_ptr<Store> store;
  Clients clients;
};

/// What the rounds of one load showed.
struct Seen {
  std::vector<double> rate, p50, p95, p99, flushes, cpu;

  void Add(const LoadResult& result) {
    rate.push_back(result.rate);
    p50.push_back(result.Microseconds(50));
    p95.push_back(result.Microseconds(95));
    p99.push_back(result.Microseconds(99));
    flushes.push_back(result.flushes);
    cpu.push_back(std::chrono::duration<double, std::micro>(result.cpu).count());
  }
  void Print(const char* name, int clients) const {
    std::printf("%3d clients, %-9s: %7.0f/s, p50 %7.0f us, p95 %7.0f, p99 %7.0f; ", clients, name,
                MedianOf(rate), MedianOf(p50), MedianOf(p95), MedianOf(p99));
    std::printf("a put: %.2f flushes, %.0f us of processors\n", MedianOf(flushes), MedianOf(cpu));
  }
};

/// Ratios are taken round by round, and their median counts.
double MedianRatio(const std::vector<double>& ours, const std::vector<double>& theirs) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i] / theirs[i]);
  return MedianOf(ratios);
}

bool MeasureLoad(const Load& load, Contestant& ours, Contestant* etcd) {
  Seen seen, theirs;
  std::vector<double> floor;
  for (int round = 0; round < kRounds; ++round) {
    seen.Add(ours.clients.Put(load.clients, load.puts, 10s));
    if (etcd != nullptr) theirs.Add(etcd->clients.Put(load.clients, load.puts, 10s));
    if (load.clients > 1) continue;
    floor.push_back(std::chrono::duration<double, std::micro>(MeasureFloor(load.puts)).count());
  }
  bool holds = true;
  seen.Print("reference", load.clients);
  if (!floor.empty()) {
    const double ratio = MedianRatio(seen.p50, floor);
    std::printf(
        "             floor    :            p50 %7.0f us; the reference takes %.2f times it\n",
        MedianOf(floor), ratio);
    holds = ratio <= kFloorBound;
  }
  if (etcd != nullptr) {
    theirs.Print("etcd", load.clients);
    const double ratio = MedianRatio(seen.rate, theirs.rate);
    std::printf("             ratio of puts a second: %.2f\n", ratio);
    holds = holds && (load.clients < 16 || ratio >= kEtcdBound);
  }
  std::fflush(stdout);
  return holds;
}

/// The median pause when the leader dies, or is stopped.
Duration MeasurePause(Contestant& contestant, int signal) {
  std::vector<Duration> pauses;
  for (int round = 0; round < kRounds; ++round) {
    const NodeId leader = contestant.store->AwaitLeader();
    contestant.clients.Put(16, 500, 100ms);  // everybody knows who leads
    const LoadResult result = contestant.clients.Put(16, 3000, 100ms, [&] {
      signal == SIGKILL ? contestant.store->Kill(leader)
                        : contestant.store->Signal(leader, SIGSTOP);
    });
    pauses.push_back(result.longest_pause);
    signal == SIGKILL ? contestant.store->Restart(leader)
                      : contestant.store->Signal(leader, SIGCONT);
    contestant.clients.Put(16, 500, 100ms);
  }
  return MedianOf(pauses);
}

bool MeasurePauses(const char* what, int signal, Duration bound, Contestant& ours,
                   Contestant* etcd) {
  const auto milliseconds = [](Duration pause) {
    return std::chrono::duration<double, std::milli>(pause).count();
  };
  const Duration pause = MeasurePause(ours, signal);
  std::printf("%s of the leader, 16 clients: no put is executed for %.0f ms", what,
              milliseconds(pause));
  if (etcd != nullptr) std::printf("; etcd: %.0f ms", milliseconds(MeasurePause(*etcd, signal)));
  std::printf("\n");
  std::fflush(stdout);
  return pause <= bound;
}

int Main(bool alone) {
  const bool has_etcd = !alone && ::access(kEtcd, X_OK) == 0;
  if (!has_etcd && !alone) {
    std::printf(
        "etcd is not installed, so nothing is compared with it: apt-get install etcd-server\n");
  }
  Contestant ours(StartReference());
  std::unique_ptr<Contestant> etcd;
  if (has_etcd) etcd = std::make_unique<Contestant>(StartEtcd());
  std::printf("puts of 256 bytes, 3 processes, each flushed; medians of %d rounds\n", kRounds);
  for (Contestant* each : {&ours, etcd.get()}) {
    if (each != nullptr) each->clients.Put(16, 2000, 10s);  // warms up
  }
  bool holds = true;
  for (const Load& load : kLoads) holds &= MeasureLoad(load, ours, etcd.get());
  holds &= MeasurePauses("kill -9", SIGKILL, kKillBound, ours, etcd.get());
  holds &= MeasurePauses("SIGSTOP", SIGSTOP, kStopBound, ours, etcd.get());
  std::printf(
      "bounds: one client within %.1f times the floor, %.0f times etcd from 16 clients on, "
      "pauses of 500 and 600 ms: %s\n",
      kFloorBound, kEtcdBound, holds ? "held" : "NOT held");
  return holds ? 0 : 1;
}

}  // namespace
}  // namespace quorum::bench

int main(int argc, char** argv) {
  CLI::App app("Puts into lab 3's key-value service, beside etcd", "puts_bench");
  bool alone = false;
  std::string floor;
  app.add_flag("--alone", alone, "Without etcd");
  CLI::Option* serve_floor = app.add_option("--serve-floor", floor)->group("");
  quorum::bench::ReadArguments(app, argc, argv);
  if (*serve_floor) return quorum::bench::ServeFloor(floor.c_str());
  return quorum::bench::Main(alone);
}
