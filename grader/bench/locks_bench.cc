// A cell of lab 4's reference as three processes over Raft, gRPC and RocksDB, beside etcd and
// ZooKeeper: locks that are acquired and released, small files that are written, how long nobody's
// write is executed when the master is killed or stopped, and what idle sessions cost. They are
// measured in turns.
// Exit code 1: a bound does not hold.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "grader/bench/arguments.h"
#include "grader/bench/locks/contestant.h"
#include "grader/bench/puts/floor.h"
#include "grader/bench/puts/store.h"

namespace quorum::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kRounds = 5;
constexpr double kFloorBound = 1.4;  ///< an operation of one client, times the floor
constexpr double kPeerBound = 2;     ///< operations a second otherwise, times the best other one's
constexpr auto kKillBound = 500ms;
constexpr auto kStopBound = 600ms;
constexpr double kIdleBound = 0.25;  ///< of a core, for 10,000 sessions

double MedianOf(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Ours, and behind it those that it is compared with.
using Contestants = std::vector<std::unique_ptr<Contestant>>;

struct Peers {
  bool etcd = false;
  bool zookeeper = false;
};

/// Those that are installed; of the others it says why they are left out.
Peers FindPeers() {
  Peers found = {::access(kEtcd, X_OK) == 0, WhyNoZooKeeper() == nullptr};
  if (!found.etcd) std::printf("etcd is left out: apt-get install etcd-server\n");
  if (!found.zookeeper) std::printf("ZooKeeper is left out: %s\n", WhyNoZooKeeper());
  return found;
}

Contestants StartAll(const Peers& peers, int clients, Duration patience) {
  Contestants all;
  all.push_back(std::make_unique<Contestant>("ours", StartCell(600s), clients, patience));
  if (peers.etcd) {
    all.push_back(std::make_unique<Contestant>("etcd", StartEtcdLocks(), clients, patience));
  }
  if (peers.zookeeper) {
    all.push_back(
        std::make_unique<Contestant>("ZooKeeper", StartZooKeeperLocks(), clients, patience));
  }
  return all;
}

struct Load {
  const char* what;
  int clients;
  int times;
  int operations;  ///< of the log, each time
  Contestant::Act act;
};

std::vector<Load> AllLoads() {
  const auto own = [](LockBencher& client, int number) {
    client.AcquireAndRelease("lock-" + std::to_string(number));
  };
  const auto one = [](LockBencher& client, int) { client.AcquireAndRelease("the-lock"); };
  const auto set = [](LockBencher& client, int number) {
    client.Set("file-" + std::to_string(number), std::string(256, 'x'));
  };
  return {{"acquire and release, 1 client          ", 1, 400, 2, own},
          {"acquire and release, 16 on 16 locks    ", 16, 1600, 2, own},
          {"acquire and release, 16 on one lock    ", 16, 400, 2, one},
          {"256 bytes written, 1 client            ", 1, 800, 1, set},
          {"256 bytes written, 16 clients          ", 16, 3000, 1, set},
          {"256 bytes written, 64 clients          ", 64, 6000, 1, set}};
}

/// Operations of one client, in times of the floor as it is just now.
double TimesTheFloor(const Load& load, double rate) {
  return 1 / (rate * load.operations * Seconds(MeasureFloor(300)).count());
}

bool Measure(const Load& load, Contestants& all) {
  std::vector<std::vector<double>> rates(all.size()), ratios(all.size());
  std::vector<double> floor;
  for (int round = -1; round < kRounds; ++round) {  // the first one warms up
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double rate = load.times / all[i]->Run(load.clients, load.times, load.act).count();
      if (round < 0) continue;
      rates[i].push_back(rate);
      ratios[i].push_back(rates[0].back() / rate);
      if (i == 0 && load.clients == 1) floor.push_back(TimesTheFloor(load, rate));
    }
  }
  std::printf("%s: %6.0f/s", load.what, MedianOf(rates[0]));
  bool holds = true;
  for (std::size_t i = 1; i < all.size(); ++i) {
    std::printf("; %s %6.0f/s, ratio %.2f", all[i]->name().c_str(), MedianOf(rates[i]),
                MedianOf(ratios[i]));
    holds &= MedianOf(ratios[i]) >= kPeerBound;
  }
  if (!floor.empty()) {
    std::printf("; %.2f times the floor", MedianOf(floor));
    holds = MedianOf(floor) <= kFloorBound;
  }
  std::printf("\n");
  std::fflush(stdout);
  return holds;
}

/// The median pause of 16 writers when the leader dies, or is stopped, in milliseconds.
double MeasurePause(Contestant& contestant, int signal) {
  const Load load = AllLoads()[4];
  std::vector<double> pauses;
  for (int round = 0; round < kRounds; ++round) {
    const NodeId leader = contestant.store().AwaitLeader();
    contestant.Run(16, 500, load.act);  // everybody knows who leads
    contestant.Run(16, 3000, load.act, [&] {
      signal == SIGKILL ? contestant.store().Kill(leader)
                        : contestant.store().Signal(leader, signal);
    });
    pauses.push_back(contestant.LongestPause().count() * 1000);
    signal == SIGKILL ? contestant.store().Restart(leader)
                      : contestant.store().Signal(leader, SIGCONT);
    contestant.Run(16, 500, load.act);
  }
  return MedianOf(pauses);
}

bool MeasurePauses(const char* what, int signal, Duration bound, Contestants& all) {
  std::printf("%s of the master, 16 clients: nothing is written for", what);
  bool holds = true;
  for (const auto& contestant : all) {
    const double pause = MeasurePause(*contestant, signal);
    if (contestant == all.front()) {
      holds = pause <= std::chrono::duration<double, std::milli>(bound).count();
    }
    std::printf(" %s %.0f ms;", contestant->name().c_str(), pause);
    std::fflush(stdout);
  }
  std::printf("\n");
  return holds;
}

bool MeasureIdle() {
  const double cores = MeasureIdleSessions(10'000, 100);
  std::printf("10,000 idle sessions over 100 connections: %.2f of a core, all servers together\n",
              cores);
  return cores <= kIdleBound;
}

int Main(bool alone, bool only_pauses) {
  const Peers peers = alone ? Peers() : FindPeers();
  bool holds = true;
  if (!only_pauses) {
    Contestants all = StartAll(peers, 64, 10s);
    std::printf("3 processes, each change flushed; medians of %d rounds\n", kRounds);
    for (const Load& load : AllLoads()) holds &= Measure(load, all);
  }
  {
    Contestants all = StartAll(peers, 16, 100ms);
    holds &= MeasurePauses("kill -9", SIGKILL, kKillBound, all);
    holds &= MeasurePauses("SIGSTOP", SIGSTOP, kStopBound, all);
  }
  if (!only_pauses) holds &= MeasureIdle();
  std::printf(
      "bounds: one client within %.1f times the floor, otherwise %.0f times the others, pauses of "
      "500 and 600 ms, a quarter of a core: %s\n",
      kFloorBound, kPeerBound, holds ? "held" : "NOT held");
  return holds ? 0 : 1;
}

}  // namespace
}  // namespace quorum::bench

int main(int argc, char** argv) {
  CLI::App app("A cell of the lock service, beside etcd and ZooKeeper", "locks_bench");
  bool alone = false;
  bool pauses = false;
  std::string floor;
  app.add_flag("--alone", alone, "Without the others");
  app.add_flag("--pauses", pauses, "Only what happens when the master dies or is stopped");
  CLI::Option* serve_floor = app.add_option("--serve-floor", floor)->group("");
  quorum::bench::ReadArguments(app, argc, argv);
  if (*serve_floor) return quorum::bench::ServeFloor(floor.c_str());
  return quorum::bench::Main(alone, pauses);
}
