#pragma once

#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "common/env/real/event_loop.h"
#include "common/env/time.h"
#include "common/rpc/grpc_transport.h"
#include "grader/bench/puts/store.h"

namespace quorum::bench {

/// What a load showed.
struct LoadResult {
  double rate = 0;                  ///< puts a second
  std::vector<Duration> latencies;  ///< ascending
  Duration longest_pause{};         ///< during which no put was executed
  double flushes = 0;               ///< of the disk of one process, a put
  Duration cpu{};                   ///< of all processes of the store, a put

  double Microseconds(double percentile) const;
};

/// Clients of a store, over a few connections, which a run keeps.
class Clients {
 public:
  explicit Clients(Store& store);

  ~Clients();

  /// `clients` clients put until `puts` puts are executed, each with one put at a time under way.
  /// One that fails, or is not answered within `patience`, is tried elsewhere. `meanwhile` is
  /// called, if any, when half of them are executed.
  LoadResult Put(int clients, int puts, Duration patience,
                 absl::AnyInvocable<void()> meanwhile = nullptr);

  /// Who has executed the last put of a client.
  NodeId leader() const { return leader_; }

 private:
  struct Run;
  void Begin(const std::shared_ptr<Run>& run, int client);
  void Call(const std::shared_ptr<Run>& run, int client, Time began);
  void CallLater(const std::shared_ptr<Run>& run, int client, Time began);
  void Executed(const std::shared_ptr<Run>& run, Time began);

  Store& store_;
  EventLoop pauses_;  ///< of those who try again
  std::vector<std::unique_ptr<GrpcTransport>> connections_;
  NodeId leader_ = 1;
};

}  // namespace quorum::bench
