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
  // [solution: Say whether a leader has called within the minimum election timeout (thesis, section
  // 4.2.3; handout 3F, step 1).]
  // Which leader, and of which term, does not matter: it relies on what it was promised then.
  if (role_ == ServerRole::kLeader) return true;
  return heard_.has_value() && env_.Now() - *heard_ < kMinimumElectionTimeout;
  // [end]
}

void Server::PreVote(const PreVoteRequest& request, Responder<PreVoteResponse> responder) {
  // [solution: Say whether you would grant the vote, and change nothing (thesis, section 9.6;
  // handout 3F, step 1).]
  const NodeId voted = record_.voted_for();
  const bool free =
      request.next_term() > current_term() ||
      (request.next_term() == current_term() && (voted == 0 || voted == request.candidate_id()));
  PreVoteResponse response;
  response.set_term(current_term());
  response.set_granted(free && !HearsLeader() &&
                       UpToDate(request.last_log_index(), request.last_log_term()));
  responder.Reply(response);
  // [end]
}

void Server::StartPreVote() {
  // [solution: Ask whether you would be elected, before you enter another term (thesis,
  // section 9.6; handout 3F, step 2).]
  BecomeFollower();  // of nobody: whoever stood in vain asks first, too
  AwaitElection();
  leader_id_ = 0;
  if (!MayStand()) return;  // (handout 3E, step 5)
  role_ = ServerRole::kPreCandidate;
  votes_ = {config_.self()};
  ++pre_vote_;
  if (HasVotes()) return StartElection();
  AskForPreVotes();
  // [end]
}

void Server::AskForPreVotes() {
  // [solution: Ask everyone who has not agreed, again and again (handout 3F, step 2).]
  tick_ = env_.After(kAskAgain, [this] { AskForPreVotes(); });
  PreVoteRequest request;
  request.set_next_term(current_term() + 1);
  request.set_candidate_id(config_.self());
  request.set_last_log_index(log_.last_index());
  request.set_last_log_term(log_.last_term());
  for (const NodeId peer : other_voters()) {
    if (votes_.contains(peer)) continue;
    env_.Call(peer, kPreVote, request, kCallTimeout,
              [this, peer, number = pre_vote_](const auto& response) {
                if (response.ok()) OnPreVote(peer, number, *response);
              });
  }
  // [end]
}

void Server::OnPreVote(NodeId peer, std::uint64_t number, const PreVoteResponse& response) {
  // [solution: Count whoever agrees now, and stand once they are a majority (handout 3F, step 2).]
  if (response.term() > current_term()) return ObserveTerm(response.term()).IgnoreError();
  // Whoever would have voted some time ago may hear a leader now.
  if (role_ != ServerRole::kPreCandidate || number != pre_vote_ || !response.granted()) return;
  votes_.insert(peer);
  if (HasVotes()) StartElection();
  // [end]
}

}  // namespace quorum::raft
