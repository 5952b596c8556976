// "Leadership transfer extension" (Ongaro's thesis, section 3.10): a leader makes room for a server
// that an administrator names, without waiting for an election timeout.
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {
namespace {

using namespace std::chrono_literals;

// About an election timeout: clients wait meanwhile.
constexpr Duration kTransferTimeout = 300ms;
constexpr Duration kCallTimeout = 100ms;

}  // namespace

void Server::TransferLeadership(const TransferLeadershipRequest& request,
                                Responder<TransferLeadershipResponse> responder) {
  // [solution: Begin the transfer, or say why not (thesis, section 3.10; handout 3F, step 5).]
  const auto answer = [&](TransferLeadershipResponse::Outcome outcome) {
    TransferLeadershipResponse response;
    response.set_outcome(outcome);
    response.set_leader_hint(leader_id_);
    responder.Reply(response);
  };
  if (role_ != ServerRole::kLeader) return answer(TransferLeadershipResponse::NOT_LEADER);
  if (request.target() == config_.self()) return answer(TransferLeadershipResponse::DONE);
  if (!IsVoter(log_.configuration(), request.target())) {
    return answer(TransferLeadershipResponse::NO_SUCH_TARGET);
  }
  if (transfer_) return answer(TransferLeadershipResponse::BUSY);
  transfer_.emplace(Transfer{.target = request.target(),
                             .responder = std::move(responder),
                             .limit = env_.After(kTransferTimeout, [this] {
                               EndTransfer(TransferLeadershipResponse::ABORTED);
                             })});
  ReplicateTo(request.target());
  TellToStand();
  // [end]
}

void Server::TellToStand() {
  // [solution: Send TimeoutNow to the target, once its log is the same as yours (thesis, section
  // 3.10; handout 3F, step 5).]
  if (!transfer_ || role_ != ServerRole::kLeader || transfer_->told) return;
  const NodeId target = transfer_->target;
  if (!followers_.contains(target)) return;  // it is no member any more
  if (followers_.at(target).match < log_.last_index()) return;
  transfer_->told = true;
  // From now on another server may be elected at any time, whatever its voters have promised.
  told_to_stand_ = true;
  TimeoutNowRequest request;
  request.set_term(current_term());
  request.set_leader_id(config_.self());
  env_.Call(target, kTimeoutNow, request, kCallTimeout,
            [this, term = current_term()](const auto& response) {
              if (response.ok()) return ObserveTerm(response->term()).IgnoreError();
              if (transfer_ && term == current_term()) transfer_->told = false;  // tell it again
            });
  // [end]
}

void Server::EndTransfer(TransferLeadershipResponse::Outcome outcome) {
  // [solution: Answer the administrator, and go on if you still lead (end of thesis, section 3.10;
  // handout 3F, step 5).]
  if (!transfer_) return;
  Transfer ended = *std::exchange(transfer_, std::nullopt);
  TransferLeadershipResponse response;
  response.set_outcome(outcome);
  response.set_leader_hint(leader_id_);
  ended.responder.Reply(response);
  GoOnWithChange();  // it has waited
  // [end]
}

void Server::TimeoutNow(const TimeoutNowRequest& request, Responder<TimeoutNowResponse> responder) {
  // [solution: Stand for election at once, if the leader of this term says so (thesis,
  // section 3.10; handout 3F, step 6).]
  if (const absl::Status entered = ObserveTerm(request.term()); !entered.ok()) {
    return responder.Fail(entered);
  }
  if (request.term() == current_term() && role_ != ServerRole::kLeader) {
    StartElection(/*told_by_leader=*/true);
  }
  TimeoutNowResponse response;
  response.set_term(current_term());
  responder.Reply(response);
  // [end]
}

}  // namespace quorum::raft
