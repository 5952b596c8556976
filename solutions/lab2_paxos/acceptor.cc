#include "labs/lab2_paxos/acceptor.h"

#include "common/env/not_written.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {

Acceptor::Acceptor(Env& env, const NodeConfig& config) : env_(env) {
  // [solution: Read what an earlier boot has left; notice a lost disk (handout 2A, step 1; 2B,
  // step 3).]
  if (const auto stored = GetMessage<AcceptorState>(env_.storage(), kAcceptorKey)) {
    state_ = *stored;
    return;
  }
  votes_ = config.first_boot();
  // From now on an empty disk is one that has lost something. If this write fails, the next one
  // does the same.
  if (votes_) Write(state_).IgnoreError();
  // [end]
}

absl::StatusOr<PrepareResponse> Acceptor::Prepare(const PrepareRequest& request) {
  // [solution: Promise unless more was promised, and tell what was accepted (handout 2A, step 2).]
  if (!votes_) return absl::FailedPreconditionError("This acceptor has lost its disk.");
  PrepareResponse response;
  if (request.ballot() < state_.promised()) {
    *response.mutable_ballot() = state_.promised();
    return response;
  }
  AcceptorState promised = state_;
  *promised.mutable_promised() = request.ballot();
  if (const absl::Status written = Write(promised); !written.ok()) return written;
  response.set_promised(true);
  *response.mutable_ballot() = request.ballot();
  *response.mutable_accepted() = state_.accepted();
  response.set_value(state_.value());
  return response;
  // [end]
}

absl::StatusOr<AcceptResponse> Acceptor::Accept(const AcceptRequest& request) {
  // [solution: Accept unless a higher ballot was promised (handout 2A, step 3).]
  if (!votes_) return absl::FailedPreconditionError("This acceptor has lost its disk.");
  AcceptResponse response;
  if (request.ballot() < state_.promised()) {
    *response.mutable_ballot() = state_.promised();
    return response;
  }
  // To accept is to promise as well: an acceptor may see this ballot for the first time here.
  AcceptorState accepted;
  *accepted.mutable_promised() = request.ballot();
  *accepted.mutable_accepted() = request.ballot();
  accepted.set_value(request.value());
  if (const absl::Status written = Write(accepted); !written.ok()) return written;
  response.set_accepted(true);
  *response.mutable_ballot() = request.ballot();
  return response;
  // [end]
}

absl::Status Acceptor::Write(const AcceptorState& state) {
  // [solution: Make the state durable; answers that follow wait for the disk (handout 2B, step 1).]
  WriteBatch batch;
  batch.PutMessage(kAcceptorKey, state);
  const absl::Status written = env_.storage().Write(batch);
  if (written.ok()) state_ = state;
  return written;
  // [end]
}

}  // namespace quorum::paxos
