// Asking before standing for election: "Preventing disruptions when a server rejoins the cluster"
// (Ongaro's thesis, section 9.6). A question changes nothing at whoever is asked.
#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {
namespace {

using namespace std::chrono_literals;

constexpr Duration kAskAgain = 50ms;
constexpr Duration kCallTimeout = 500ms;

}  // namespace

bool Server::HearsLeader() const {
  NotWritten("Say whether a leader has called within the minimum election timeout (thesis, section "
             "4.2.3; handout 3F, step 1).");
}

void Server::PreVote(const PreVoteRequest& request, Responder<PreVoteResponse> responder) {
  NotWritten("Say whether you would grant the vote, and change nothing (thesis, section 9.6; "
             "handout 3F, step 1).");
}

void Server::StartPreVote() {
  NotWritten("Ask whether you would be elected, before you enter another term (thesis, section "
             "9.6; handout 3F, step 2).");
}

void Server::AskForPreVotes() {
  NotWritten("Ask everyone who has not agreed, again and again (handout 3F, step 2).");
}

void Server::OnPreVote(NodeId peer, std::uint64_t number, const PreVoteResponse& response) {
  NotWritten("Count whoever agrees now, and stand once they are a majority (handout 3F, step 2).");
}

}  // namespace quorum::raft
