// "RequestVote RPC", and "Rules for Servers: Followers, Candidates" (figure 2;
// sections 5.2, 5.4.1).
#include <tuple>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {
namespace {

using namespace std::chrono_literals;

// Several heartbeats must be missed in a row before anyone stands for election; and at random, so
// that few stand at once (section 5.2; the range is that of section 9.3).
constexpr Duration kShortestElection = kMinimumElectionTimeout;
constexpr Duration kLongestElection = 300ms;
// Servers retry what is not answered in time (section 5.1).
constexpr Duration kAskAgain = 50ms;
constexpr Duration kCallTimeout = 500ms;

}  // namespace

void Server::RequestVote(const RequestVoteRequest& request,
                         Responder<RequestVoteResponse> responder) {
  NotWritten("Grant the vote, or refuse it (handout 3A, step 4).");
}

bool Server::UpToDate(LogIndex last_index, Term last_term) const {
  NotWritten("Compare the ends of both logs (section 5.4.1; handout 3A, step 4).");
}

void Server::AwaitElection() {
  NotWritten("Restart the election timer, with a new random time (handout 3A, step 3).");
}

void Server::OnElectionTimeout() {
  NotWritten("Stand for election (handout 3A, step 3), or ask first whether that makes sense (3F, "
             "step 2).");
}

void Server::StartElection(bool told_by_leader) {
  NotWritten("Stand for election in the next term (section 5.2; handout 3A, step 3).");
}

void Server::AskForVotes() {
  NotWritten("Ask everyone who has not voted for you, again and again (handout 3A, step 3).");
}

void Server::OnVote(NodeId peer, Term term, const RequestVoteResponse& response) {
  NotWritten("Count the vote, if it is one for this candidacy (handout 3A, step 3).");
}

bool Server::HasVotes() const {
  NotWritten("Say whether a quorum has voted for you (section 5.2; handout 3A, step 3).");
}

void Server::BecomeLeader() {
  NotWritten("Lead, and tell everyone at once (section 5.2; handout 3A, step 5), by a no-op of "
             "your own (section 8; 3B, step 2).");
}

}  // namespace quorum::raft
