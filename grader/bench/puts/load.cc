#include "grader/bench/puts/load.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <string>
#include <utility>

#include "common/env/real/clock.h"

namespace quorum::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kConnections = 4;
constexpr std::size_t kValue = 256;
constexpr int kKeys = 1000;
constexpr Duration kPause = 5ms;  ///< before a client asks another server

}  // namespace

double LoadResult::Microseconds(double percentile) const {
  if (latencies.empty()) return 0;
  const auto place =
      static_cast<std::size_t>(percentile / 100 * static_cast<double>(latencies.size()));
  const Duration found = latencies[std::min(place, latencies.size() - 1)];
  return std::chrono::duration<double, std::micro>(found).count();
}

/// One call of `Put`.
struct Clients::Run {
  struct Client {
    NodeId node;
    int puts = 0;
  };
  Run(int clients, int puts, Duration patience, NodeId leader)
      : puts(puts), patience(patience), clients(static_cast<std::size_t>(clients), {leader}) {
    executed.reserve(static_cast<std::size_t>(puts));
    latencies.reserve(static_cast<std::size_t>(puts));
  }

  const int puts;
  const Duration patience;
  std::vector<Client> clients;
  std::atomic<int> begun = 0;
  std::mutex mutex;
  std::vector<Duration> latencies;
  std::vector<Time> executed;
  std::promise<void> half, all;
};

Clients::Clients(Store& store) : store_(store), leader_(store.AwaitLeader()) {
  pauses_.Start();
  for (int i = 0; i < kConnections; ++i) {
    connections_.push_back(MakeGrpcTransport({.listen = "", .peers = store.addresses()}));
  }
}

Clients::~Clients() { connections_.clear(); }

LoadResult Clients::Put(int clients, int puts, Duration patience,
                        absl::AnyInvocable<void()> meanwhile) {
  auto run = std::make_shared<Run>(clients, puts, patience, leader_);
  const std::uint64_t flushes = store_.Flushes();
  const Duration cpu = meanwhile ? Duration() : store_.CpuTime();
  const bool whole = !meanwhile;  // all processes live through it
  const Time begin = MonotonicNow();
  for (int client = 0; client < clients; ++client) Begin(run, client);
  run->half.get_future().wait();
  if (meanwhile) meanwhile();
  run->all.get_future().wait();
  LoadResult result;
  const std::chrono::duration<double> took = run->executed.back() - begin;
  result.rate = puts / took.count();
  const auto flushed = static_cast<double>(store_.Flushes() - flushes);
  result.flushes = flushed / static_cast<double>(store_.addresses().size()) / puts;
  if (whole) result.cpu = (store_.CpuTime() - cpu) / puts;
  std::lock_guard lock(run->mutex);
  result.latencies = run->latencies;
  std::ranges::sort(result.latencies);
  for (std::size_t i = 1; i < run->executed.size(); ++i) {
    const Duration pause = run->executed[i] - run->executed[i - 1];
    result.longest_pause = std::max(result.longest_pause, pause);
  }
  leader_ = run->clients.front().node;
  return result;
}

void Clients::Begin(const std::shared_ptr<Run>& run, int client) {
  if (run->begun++ < run->puts) Call(run, client, MonotonicNow());
}

void Clients::Call(const std::shared_ptr<Run>& run, int client, Time began) {
  Run::Client& state = run->clients[static_cast<std::size_t>(client)];
  const std::string key = "key-" + std::to_string((client * 7919 + state.puts++) % kKeys);
  auto done = [this, run, client, &state, began](const absl::Status& status,
                                                 const std::string& response) {
    const PutOutcome outcome = status.ok() ? store_.Read(response) : PutOutcome();
    if (outcome.executed) {
      Executed(run, began);
      return Begin(run, client);
    }
    const bool useful = outcome.hint != 0 && outcome.hint != state.node;
    state.node =
        useful ? outcome.hint : state.node % static_cast<NodeId>(store_.addresses().size()) + 1;
    CallLater(run, client, began);
  };
  connections_[static_cast<std::size_t>(client) % kConnections]->Call(
      state.node, store_.path(), store_.Request(key, std::string(kValue, 'x')),
      MonotonicNow() + run->patience, std::move(done));
}

void Clients::CallLater(const std::shared_ptr<Run>& run, int client, Time began) {
  pauses_.Post([this, run, client, began] {
    pauses_.AddTimer(MonotonicNow() + kPause,
                     [this, run, client, began] { Call(run, client, began); });
  });
}

void Clients::Executed(const std::shared_ptr<Run>& run, Time began) {
  const Time now = MonotonicNow();
  std::size_t executed = 0;
  {
    std::lock_guard lock(run->mutex);
    run->latencies.push_back(now - began);
    run->executed.push_back(now);
    executed = run->executed.size();
  }
  if (executed == static_cast<std::size_t>(run->puts / 2)) run->half.set_value();
  if (executed == static_cast<std::size_t>(run->puts)) run->all.set_value();
}

}  // namespace quorum::bench
