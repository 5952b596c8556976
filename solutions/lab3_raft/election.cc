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
  // [solution: Grant the vote, or refuse it (handout 3A, step 4).]
  RequestVoteResponse response;
  response.set_term(current_term());
  // A leader is not to be disturbed, and may rely on it (end of section 6; handout 3E, step 7, and
  // 3F, step 4).
  const bool disregards = (membership_ || check_quorum_) && !request.leadership_transfer();
  if (disregards && HearsLeader()) return responder.Reply(response);
  if (const absl::Status entered = ObserveTerm(request.term()); !entered.ok()) {
    return responder.Fail(entered);
  }
  response.set_term(current_term());
  const NodeId voted = record_.voted_for();
  const bool free = voted == 0 || voted == request.candidate_id();
  if (request.term() < current_term() || !free ||
      !UpToDate(request.last_log_index(), request.last_log_term())) {
    return responder.Reply(response);
  }
  const absl::Status written = record_.Keep(current_term(), request.candidate_id());
  if (!written.ok()) return responder.Fail(written);
  BecomeFollower();  // it may have asked for pre-votes
  AwaitElection();
  response.set_vote_granted(true);
  responder.Reply(response);
  // [end]
}

bool Server::UpToDate(LogIndex last_index, Term last_term) const {
  // [solution: Compare the ends of both logs (section 5.4.1; handout 3A, step 4).]
  return std::tuple(last_term, last_index) >= std::tuple(log_.last_term(), log_.last_index());
  // [end]
}

void Server::AwaitElection() {
  // [solution: Restart the election timer, with a new random time (handout 3A, step 3).]
  election_ = env_.After(env_.RandomBetween(kShortestElection, kLongestElection),
                         [this] { OnElectionTimeout(); });
  // [end]
}

void Server::OnElectionTimeout() {
  // [solution: Stand for election (handout 3A, step 3), or ask first whether that makes sense (3F,
  // step 2).]
  pre_vote_on_ ? StartPreVote() : StartElection();
  // [end]
}

void Server::StartElection(bool told_by_leader) {
  // [solution: Stand for election in the next term (section 5.2; handout 3A, step 3).]
  AwaitElection();
  if (!MayStand()) return void(leader_id_ = 0);
  // One write: a server that forgot this vote could give it to another candidate of the term.
  if (!record_.Keep(current_term() + 1, config_.self()).ok()) return BecomeFollower();
  role_ = ServerRole::kCandidate;
  leader_id_ = 0;
  votes_ = {config_.self()};
  told_by_leader_ = told_by_leader;
  if (HasVotes()) return BecomeLeader();
  AskForVotes();
  // [end]
}

void Server::AskForVotes() {
  // [solution: Ask everyone who has not voted for you, again and again (handout 3A, step 3).]
  tick_ = env_.After(kAskAgain, [this] { AskForVotes(); });
  RequestVoteRequest request;
  request.set_term(current_term());
  request.set_candidate_id(config_.self());
  request.set_last_log_index(log_.last_index());
  request.set_last_log_term(log_.last_term());
  request.set_leadership_transfer(told_by_leader_);
  for (const NodeId peer : other_voters()) {
    if (votes_.contains(peer)) continue;
    env_.Call(peer, kRequestVote, request, kCallTimeout,
              [this, peer, term = current_term()](const auto& response) {
                if (response.ok()) OnVote(peer, term, *response);
              });
  }
  // [end]
}

void Server::OnVote(NodeId peer, Term term, const RequestVoteResponse& response) {
  // [solution: Count the vote, if it is one for this candidacy (handout 3A, step 3).]
  if (response.term() > current_term()) return ObserveTerm(response.term()).IgnoreError();
  if (role_ != ServerRole::kCandidate || term != current_term()) return;
  if (!response.vote_granted()) return;
  votes_.insert(peer);
  if (HasVotes()) BecomeLeader();
  // [end]
}

bool Server::HasVotes() const {
  // [solution: Say whether a quorum has voted for you (section 5.2; handout 3A, step 3).]
  return IsQuorum(log_.configuration(), [this](NodeId voter) { return votes_.contains(voter); });
  // [end]
}

void Server::BecomeLeader() {
  // [solution: Lead, and tell everyone at once (section 5.2; handout 3A, step 5), by a no-op of
  // your own (section 8; 3B, step 2).]
  role_ = ServerRole::kLeader;
  leader_id_ = config_.self();
  led_since_ = env_.Now();
  told_to_stand_ = false;
  EndTransfer(TransferLeadershipResponse::ABORTED);  // of an earlier leadership
  election_.Cancel();
  followers_.clear();
  for (const NodeId peer : others()) AddFollower(peer);
  first_own_ = log_.last_index() + 1;
  Entry entry;
  entry.set_index(first_own_);
  entry.set_term(current_term());
  entry.set_no_op(true);
  if (!log_.Append({entry}).ok()) return BecomeFollower();
  for (const NodeId peer : others()) ReplicateTo(peer);
  SendHeartbeats();
  AdvanceCommitIndex();
  // [end]
}

}  // namespace quorum::raft
