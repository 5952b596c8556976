// A cell of lab 4's reference as three processes over Raft, gRPC and RocksDB, beside etcd: locks
// that are acquired and released, small files that are written, how long nobody's write is executed
// when the master is killed or stopped, and what idle sessions cost. The two are measured in turns.
// Exit code 1: a bound does not hold.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "common/env/real/clock.h"
#include "grader/bench/locks/lock_store.h"
#include "grader/bench/puts/floor.h"
#include "grader/bench/puts/store.h"

namespace quorum::bench {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

constexpr int kRounds = 5;
constexpr int kConnections = 4;
constexpr double kFloorBound = 1.4;  ///< an operation of one client, times the floor
constexpr double kPeerBound = 2;     ///< operations a second otherwise, times etcd's
constexpr auto kKillBound = 500ms;
constexpr auto kStopBound = 600ms;
constexpr double kIdleBound = 0.25;  ///< of a core, for 10,000 sessions

double MedianOf(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// A store and those who use it.
class Contestant {
 public:
  Contestant(std::unique_ptr<LockStore> store, int clients, Duration patience)
      : store_(std::move(store)) {
    store_->AwaitLeader();
    for (int i = 0; i < kConnections; ++i) {
      transports_.push_back(MakeGrpcTransport({.listen = "", .peers = store_->addresses()}));
    }
    for (int i = 0; i < clients; ++i) {
      clients_.push_back(
          store_->Connect(*transports_[static_cast<std::size_t>(i % kConnections)], i, patience));
    }
  }
  LockStore& store() { return *store_; }

  /// So many clients do so many times what `act` says, together; what that took. `meanwhile` is
  /// called, if any, when half is done.
  using Act = std::function<void(LockBencher& client, int number)>;
  Seconds Run(int clients, int times, const Act& act,
              const std::function<void()>& meanwhile = nullptr) {
    std::atomic<int> begun = 0;
    done_.clear();
    const Time begin = MonotonicNow();
    std::vector<std::thread> threads;
    for (int number = 0; number < clients; ++number) {
      threads.emplace_back([&, number] {
        for (int turn = begun++; turn < times; turn = begun++) {
          if (turn == times / 2 && meanwhile) meanwhile();
          act(*clients_[static_cast<std::size_t>(number)], number);
          std::lock_guard lock(mutex_);
          done_.push_back(MonotonicNow());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return MonotonicNow() - begin;
  }
  /// Of the last run: the longest time in which nobody was done.
  Seconds LongestPause() const {
    Seconds longest{};
    for (std::size_t i = 1; i < done_.size(); ++i) {
      longest = std::max<Seconds>(longest, done_[i] - done_[i - 1]);
    }
    return longest;
  }

 private:
  std::unique_ptr<LockStore> store_;
  std::vector<std::unique_ptr<GrpcTransport>> transports_;
  std::vector<std::unique_ptr<LockBencher>> clients_;
  std::mutex mutex_;
  std::vector<Time> done_;
};

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

bool Measure(const Load& load, Contestant& ours, Contestant* etcd) {
  std::vector<double> rate, theirs, ratio, floor;
  for (int round = 0; round < kRounds; ++round) {
    rate.push_back(load.times / ours.Run(load.clients, load.times, load.act).count());
    if (load.clients == 1) {
      const double least = Seconds(MeasureFloor(300)).count() * load.operations;
      floor.push_back(1 / rate.back() / least);
    }
    if (etcd == nullptr) continue;
    theirs.push_back(load.times / etcd->Run(load.clients, load.times, load.act).count());
    ratio.push_back(rate.back() / theirs.back());
  }
  std::printf("%s: %6.0f/s", load.what, MedianOf(rate));
  if (etcd != nullptr) std::printf(", etcd %6.0f/s, ratio %.2f", MedianOf(theirs), MedianOf(ratio));
  if (!floor.empty()) std::printf("; %.2f times the floor", MedianOf(floor));
  std::printf("\n");
  std::fflush(stdout);
  if (load.clients == 1) return MedianOf(floor) <= kFloorBound;
  return etcd == nullptr || MedianOf(ratio) >= kPeerBound;
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

bool MeasurePauses(const char* what, int signal, Duration bound, Contestant& ours,
                   Contestant* etcd) {
  const double pause = MeasurePause(ours, signal);
  std::printf("%s of the master, 16 clients: nothing is written for %.0f ms", what, pause);
  if (etcd != nullptr) std::printf("; etcd: %.0f ms", MeasurePause(*etcd, signal));
  std::printf("\n");
  std::fflush(stdout);
  return pause <= std::chrono::duration<double, std::milli>(bound).count();
}

bool MeasureIdle() {
  const double cores = MeasureIdleSessions(10'000, 100);
  std::printf("10,000 idle sessions over 100 connections: %.2f of a core, all servers together\n",
              cores);
  return cores <= kIdleBound;
}

int Main(bool alone, bool only_pauses) {
  const bool has_etcd = !alone && ::access(kEtcd, X_OK) == 0;
  bool holds = true;
  if (!only_pauses) {
    Contestant ours(StartCell(600s), 64, 10s);
    std::unique_ptr<Contestant> etcd;
    if (has_etcd) etcd = std::make_unique<Contestant>(StartEtcdLocks(), 64, 10s);
    std::printf("3 processes, each change flushed; medians of %d rounds\n", kRounds);
    for (const Load& load : AllLoads()) holds &= Measure(load, ours, etcd.get());
  }
  {
    Contestant ours(StartCell(600s), 16, 100ms);
    std::unique_ptr<Contestant> etcd;
    if (has_etcd) etcd = std::make_unique<Contestant>(StartEtcdLocks(), 16, 100ms);
    holds &= MeasurePauses("kill -9", SIGKILL, kKillBound, ours, etcd.get());
    holds &= MeasurePauses("SIGSTOP", SIGSTOP, kStopBound, ours, etcd.get());
  }
  if (!only_pauses) holds &= MeasureIdle();
  std::printf(
      "bounds: one client within %.1f times the floor, otherwise %.0f times etcd, pauses of 500 "
      "and "
      "600 ms, a quarter of a core: %s\n",
      kFloorBound, kPeerBound, holds ? "held" : "NOT held");
  return holds ? 0 : 1;
}

}  // namespace
}  // namespace quorum::bench

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "--serve-floor") return quorum::bench::ServeFloor(argv[2]);
  return quorum::bench::Main(mode == "--alone" || mode == "--pauses", mode == "--pauses");
}
