// Who may lead, and for how long: thesis, sections 3.10, 4.2.3, 6.2, 6.4.1 and 9.6.
#include <functional>

#include "plain_raft.h"

namespace quorum::raft {
namespace {

using namespace std::chrono_literals;

constexpr Duration kWatch = 400ms;
constexpr Duration kHandOver = 500ms;
constexpr Duration kCallTimeout = 150ms;

}  // namespace

/// Whether a leader may rely on this server.
bool PlainRaft::Loyal() const {
  return leads_ || (loyal_since_ && env_.Now() < *loyal_since_ + kMinimumElectionTimeout);
}

/// Asks once who would vote; the next time is when patience is at its end again.
void PlainRaft::Ask() {
  StepDown(0);
  asks_ = true;
  leader_ = 0;
  votes_ = {config_.self()};
  PreVoteRequest request;
  request.set_next_term(term() + 1);
  request.set_candidate_id(config_.self());
  request.set_last_log_index(last());
  request.set_last_log_term(TermOf(last()));
  const auto agreed = [this](NodeId voter) { return votes_.contains(voter); };
  for (const NodeId id : OtherVoters()) {
    env_.Call(id, kPreVote, request, kCallTimeout,
              [this, id, agreed, asked = term()](const auto& response) {
                if (!response.ok()) return;
                if (response->term() > term()) return StepDown(response->term());
                if (!asks_ || asked != term() || !response->granted()) return;
                votes_.insert(id);
                if (Enough(agreed)) Stand();
              });
  }
  if (Enough(agreed)) Stand();
}

PreVoteResponse PlainRaft::Willing(const PreVoteRequest& request) {
  full_ = false;
  const bool voted = state_.voted_for() != 0 && state_.voted_for() != request.candidate_id();
  const bool late = request.next_term() < term() || (request.next_term() == term() && voted);
  const bool better = std::pair(request.last_log_term(), request.last_log_index()) >=
                      std::pair(TermOf(last()), last());
  PreVoteResponse response;
  response.set_term(term());
  response.set_granted(better && !late && !Loyal());
  return response;
}

/// A follower has answered what was sent then.
void PlainRaft::Answered(NodeId id, Time sent) {
  Peer& peer = peers_[id];
  peer.answered = true;
  // Its clock may be fast, and this one slow.
  const std::int64_t bound = config_.clock_rate_bound_ppm();
  const Duration lent = kMinimumElectionTimeout * (1'000'000 - bound) / (1'000'000 + bound);
  peer.lent = std::max(peer.lent, std::optional(sent + lent));
}

bool PlainRaft::Leased() const {
  if (!leases_ || !leads_ || !announced_ || gave_way_ || applied_ < commit_) return false;
  const Time now = env_.Now();
  return Enough([&](NodeId id) {
    return id == config_.self() || (peers_.contains(id) && peers_.at(id).lent > now);
  });
}

/// Counts in fixed periods who has answered at all.
void PlainRaft::WatchQuorum() {
  if (!watches_quorum_ || env_.Now() - watch_began_ < kWatch) return;
  watch_began_ = env_.Now();
  std::set<NodeId> answered = {config_.self()};
  for (auto& [id, peer] : peers_) {
    if (std::exchange(peer.answered, false)) answered.insert(id);
  }
  if (!Enough([&](NodeId id) { return answered.contains(id); })) StepDown(0);
}

void PlainRaft::StartHandOver(const TransferLeadershipRequest& request,
                              Responder<TransferLeadershipResponse> responder) {
  std::optional<TransferLeadershipResponse::Outcome> at_once;
  if (hand_over_) at_once = TransferLeadershipResponse::BUSY;
  if (!Votes(now_, request.target())) at_once = TransferLeadershipResponse::NO_SUCH_TARGET;
  if (request.target() == config_.self()) at_once = TransferLeadershipResponse::DONE;
  if (!leads_) at_once = TransferLeadershipResponse::NOT_LEADER;
  if (!at_once) {
    hand_over_ = HandOver{request.target(), env_.Now() + kHandOver, false, std::move(responder)};
    return GoOnHandOver();
  }
  TransferLeadershipResponse response;
  response.set_outcome(*at_once);
  response.set_leader_hint(leader_);
  responder.Reply(response);
}

/// Takes the next step, if it is time for one; called now and then.
void PlainRaft::GoOnHandOver() {
  if (!hand_over_) return;
  if (!leads_ && leader_ == hand_over_->to) return EndHandOver(TransferLeadershipResponse::DONE);
  const bool other = !leads_ && leader_ != 0;
  if (other || env_.Now() >= hand_over_->until) {
    return EndHandOver(TransferLeadershipResponse::ABORTED);
  }
  if (!leads_ || hand_over_->told || !peers_.contains(hand_over_->to)) return;
  if (peers_.at(hand_over_->to).match < last()) return;
  hand_over_->told = true;
  gave_way_ = true;
  TimeoutNowRequest request;
  request.set_term(term());
  request.set_leader_id(config_.self());
  env_.Call(hand_over_->to, kTimeoutNow, request, kCallTimeout,
            [this](const absl::StatusOr<TimeoutNowResponse>& response) {
              if (response.ok() && response->term() > term()) return StepDown(response->term());
              if (!response.ok() && hand_over_) hand_over_->told = false;
            });
}

void PlainRaft::EndHandOver(TransferLeadershipResponse::Outcome outcome) {
  HandOver over = *std::exchange(hand_over_, std::nullopt);
  TransferLeadershipResponse response;
  response.set_outcome(outcome);
  response.set_leader_hint(leader_);
  over.responder.Reply(response);
  for (auto& [entry, waiting] : std::exchange(held_, {})) {
    leads_ ? Add(std::move(entry), std::move(waiting))
           : waiting.proposed({.kind = ProposeOutcome::Kind::kNotLeader, .leader_hint = leader_});
  }
}

TimeoutNowResponse PlainRaft::StandNow(const TimeoutNowRequest& request) {
  full_ = !Hear(request.term(), 0);
  if (!full_ && request.term() == term() && !leads_ && MayStand()) {
    heard_ = env_.Now();
    Stand(true);
  }
  TimeoutNowResponse response;
  response.set_term(term());
  return response;
}

}  // namespace quorum::raft
