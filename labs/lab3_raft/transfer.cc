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
  NotWritten("Begin the transfer, or say why not (thesis, section 3.10; handout 3F, step 5).");
}

void Server::TellToStand() {
  NotWritten("Send TimeoutNow to the target, once its log is the same as yours (thesis, section "
             "3.10; handout 3F, step 5).");
}

void Server::EndTransfer(TransferLeadershipResponse::Outcome outcome) {
  NotWritten("Answer the administrator, and go on if you still lead (end of thesis, section 3.10; "
             "handout 3F, step 5).");
}

void Server::TimeoutNow(const TimeoutNowRequest& request, Responder<TimeoutNowResponse> responder) {
  NotWritten("Stand for election at once, if the leader of this term says so (thesis, section "
             "3.10; handout 3F, step 6).");
}

}  // namespace quorum::raft
