#pragma once

#include "absl/status/statusor.h"
#include "common/env/env.h"
#include "common/env/node_config.pb.h"
#include "labs/lab2_paxos/ballot.h"

namespace quorum::paxos {

/// The acceptor of one decision: the memory of Paxos ("Paxos Made Simple", section 2.2). Every
/// answer is about what is on the disk.
class Acceptor {
 public:
  Acceptor(Env& env, const NodeConfig& config);

  /// False: this node has lost its disk. It then answers FAILED_PRECONDITION for ever.
  bool votes() const { return votes_; }
  const Ballot& promised() const { return state_.promised(); }

  /// Phase 1b. An error means that the acceptor says nothing; it has then not promised.
  absl::StatusOr<PrepareResponse> Prepare(const PrepareRequest& request);

  /// Phase 2b. An error means that the acceptor says nothing; it has then not accepted.
  absl::StatusOr<AcceptResponse> Accept(const AcceptRequest& request);

 private:
  absl::Status Write(const AcceptorState& state);

  Env& env_;
  bool votes_ = true;
  AcceptorState state_;  // as it is on the disk
};

}  // namespace quorum::paxos
