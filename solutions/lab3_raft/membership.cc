// "Cluster membership changes" (section 6): how a leader brings them about.
#include <algorithm>
#include <set>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {
namespace {

using namespace std::chrono_literals;

// New servers are sent the log in rounds, each up to where the log ended at its beginning. Who
// takes less than an election timeout for one has caught up (Ongaro's thesis, section 4.2.1).
constexpr int kMostRounds = 10;
constexpr Duration kSilence = 5s;

}  // namespace

void Server::ChangeMembership(const ChangeMembershipRequest& request,
                              Responder<ChangeMembershipResponse> responder) {
  // [solution: Refuse what cannot be, and begin with what can (section 6; handout 3E, step 3).]
  ChangeMembershipResponse response;
  response.set_leader_hint(leader_id_);
  if (role_ != ServerRole::kLeader) {
    response.set_outcome(ChangeMembershipResponse::NOT_LEADER);
    response.set_reason("This server does not lead.");
    return responder.Reply(response);
  }
  if (std::string reason = WhyNot(request); !reason.empty()) {
    response.set_outcome(ChangeMembershipResponse::REFUSED);
    response.set_reason(std::move(reason));
    return responder.Reply(response);
  }
  Configuration target;
  *target.mutable_voters() = request.voters();
  *target.mutable_learners() = request.learners();
  std::sort(target.mutable_voters()->begin(), target.mutable_voters()->end());
  std::sort(target.mutable_learners()->begin(), target.mutable_learners()->end());
  change_.emplace(Change{.target = std::move(target),
                         .responder = std::move(responder),
                         .asked_at = log_.last_index(),
                         .began = env_.Now()});
  GoOnWithChange();
  // [end]
}

std::string Server::WhyNot(const ChangeMembershipRequest& request) const {
  // [solution: One change at a time, and every server named once (section 6; handout 3E, step 3).]
  if (change_ || IsJoint(log_.configuration())) return "Another change is on its way.";
  if (!announced_ || log_.configurations().latest_index() > commit_index_) {
    return "This leader does not know yet whether an earlier change is committed.";
  }
  if (request.voters().empty()) return "Somebody must vote.";
  std::set<NodeId> named;
  for (const auto& servers : {request.voters(), request.learners()}) {
    for (const NodeId server : servers) {
      if (server == 0) return "No server has the id 0.";
      if (!named.insert(server).second) {
        return "Server " + std::to_string(server) + " is named twice.";
      }
    }
  }
  return {};
  // [end]
}

void Server::GoOnWithChange() {
  // [solution: Take the next step once the last one is committed, up to leaving the cluster
  // (section 6; handout 3E, step 4).]
  if (role_ != ServerRole::kLeader) return;
  // Whoever is told of what is applied now may propose, and be here too early.
  if (applying_) return;
  if (transfer_) return;  // who leads next must not be left behind (thesis, section 3.10)
  if (log_.configurations().latest_index() > commit_index_) return;
  const Configuration& current = log_.configuration();
  if (IsJoint(current)) {
    Configuration next;
    *next.mutable_voters() = current.new_voters();
    *next.mutable_learners() = current.learners();
    return UseConfiguration(next);
  }
  if (change_) TakeStep();
  if (role_ != ServerRole::kLeader || log_.configurations().latest_index() > commit_index_) return;
  // C_new is committed: the others do without this server.
  if (!IsVoter(log_.configuration(), config_.self())) BecomeFollower();
  // [end]
}

void Server::TakeStep() {
  // [solution: Add learners, wait for them, and then go over to C_old,new (section 6; handout 3E,
  // step 4).]
  const Configuration current = log_.configuration();
  const Configuration& target = change_->target;
  if (std::ranges::equal(current.voters(), target.voters())) {
    const bool same = std::ranges::equal(current.learners(), target.learners());
    // Also what is in use already is made anew: a leader that was cut off would not know.
    if (!same || log_.configurations().latest_index() <= change_->asked_at) {
      return UseConfiguration(target);
    }
    return EndChange(ChangeMembershipResponse::CHANGED);
  }
  const std::vector<NodeId> members = MembersOf(current);
  Configuration with_learners = current;
  for (const NodeId voter : target.voters()) {
    if (std::ranges::count(members, voter) == 0) with_learners.add_learners(voter);
  }
  if (with_learners.learners_size() > current.learners_size()) {
    std::sort(with_learners.mutable_learners()->begin(), with_learners.mutable_learners()->end());
    return UseConfiguration(with_learners);
  }
  if (!HaveCaughtUp()) return;
  Configuration joint = current;
  *joint.mutable_new_voters() = target.voters();
  *joint.mutable_learners() = target.learners();
  UseConfiguration(joint);
  // [end]
}

bool Server::HaveCaughtUp() {
  // [solution: Say whether the new voters have the log, but for what is on its way (section 6;
  // handout 3E, step 4).]
  LogIndex match = log_.last_index();
  for (const NodeId voter : change_->target.voters()) {
    if (IsVoter(log_.configuration(), voter)) continue;
    const Follower& follower = followers_.at(voter);
    match = std::min(match, follower.match);
    const Time heard = std::max(follower.confirmed.value_or(change_->began), change_->began);
    if (env_.Now() - heard <= kSilence) continue;
    EndChange(ChangeMembershipResponse::REFUSED,
              "Server " + std::to_string(voter) + " does not answer.");
    return false;
  }
  while (match >= change_->round_end) {
    if (change_->rounds > 0 && env_.Now() - change_->round_began < kMinimumElectionTimeout)
      return true;
    if (++change_->rounds > kMostRounds) {
      EndChange(ChangeMembershipResponse::REFUSED,
                "The new servers do not keep up with what is appended.");
      return false;
    }
    change_->round_end = log_.last_index();
    change_->round_began = env_.Now();
  }
  return false;
  // [end]
}

void Server::UseConfiguration(const Configuration& configuration) {
  // [solution: Append it, and use it from now on (section 6; handout 3E, step 4).]
  Entry entry;
  entry.set_index(log_.last_index() + 1);
  entry.set_term(current_term());
  *entry.mutable_configuration() = configuration;
  if (!log_.Append({entry}).ok()) return BecomeFollower();
  const std::vector<NodeId> members = others();
  std::erase_if(followers_, [&members](const auto& follower) {
    return std::ranges::count(members, follower.first) == 0;
  });
  for (const NodeId peer : members) {
    AddFollower(peer);
    ReplicateTo(peer);
  }
  AdvanceCommitIndex();
  // [end]
}

void Server::EndChange(ChangeMembershipResponse::Outcome outcome, std::string reason) {
  if (!change_) return;
  ChangeMembershipResponse response;
  response.set_outcome(outcome);
  response.set_reason(std::move(reason));
  change_->responder.Reply(response);
  change_.reset();
}

bool Server::MayStand() const {
  // [solution: Say whether you vote, or may still have to (section 6; handout 3E, step 5).]
  // While the configuration without this server is not committed, the log may be needed.
  return log_.configurations().VotesSince(commit_index_, config_.self());
  // [end]
}

}  // namespace quorum::raft
