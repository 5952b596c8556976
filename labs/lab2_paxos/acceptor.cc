#include "labs/lab2_paxos/acceptor.h"

#include "common/env/not_written.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {

Acceptor::Acceptor(Env& env, const NodeConfig& config) : env_(env) {
  NotWritten(
      "Read what an earlier boot has left; notice a lost disk (handout 2A, step 1; 2B, step 3).");
}

absl::StatusOr<PrepareResponse> Acceptor::Prepare(const PrepareRequest& request) {
  NotWritten("Promise unless more was promised, and tell what was accepted (handout 2A, step 2).");
}

absl::StatusOr<AcceptResponse> Acceptor::Accept(const AcceptRequest& request) {
  NotWritten("Accept unless a higher ballot was promised (handout 2A, step 3).");
}

absl::Status Acceptor::Write(const AcceptorState& state) {
  NotWritten("Make the state durable; answers that follow wait for the disk (handout 2B, step 1).");
}

}  // namespace quorum::paxos
