#include "labs/lab2_paxos/proposer.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

// A ballot is given up when nothing has come of it for this long, which grows with each attempt:
// the network may be slower than anyone thought.
constexpr Duration kPatience = 100ms;
// A pause before another ballot: random, and from a range that doubles, so that of two proposers
// that keep spoiling each other's ballots one will have the time to finish (section 2.4).
constexpr Duration kShortestPause = 10ms;
constexpr int kMostDoublings = 7;

}  // namespace

Proposer::Proposer(Env& env, const NodeConfig& config, Acceptor& acceptor,
                   std::function<void(const std::string&)> decided)
    : env_(env), config_(config), acceptor_(acceptor), decided_(std::move(decided)) {}

void Proposer::Propose(const std::string& value) {
  // [solution: Remember the value and begin a first ballot (handout 2A, step 4).]
  if (phase_ != Phase::kIdle) return;
  own_value_ = value;
  BeginBallot();
  // [end]
}

void Proposer::Stop() {
  phase_ = Phase::kStopped;
  retry_.Cancel();
}

void Proposer::BeginBallot() {
  // [solution: Promise yourself a higher ballot, and ask the others (handout 2A, step 4).]
  phase_ = Phase::kPreparing;
  promises_.clear();
  accepted_.clear();
  PrepareRequest request;
  const std::uint64_t highest = std::max(seen_, acceptor_.promised().round());
  ballot_ = MakeBallot(highest + 1, config_.self());
  *request.mutable_ballot() = ballot_;
  // The first promise is this node's own. It is durable before anyone sees the ballot, so that
  // after a restart the next one is higher.
  const auto own = acceptor_.Prepare(request);
  if (!own.ok()) return TryAgainLater();
  retry_ = env_.After(kPatience * (attempts_ + 1), [this] { TryAgainLater(); });
  for (const NodeId peer : config_.peers()) {
    if (peer == config_.self()) continue;
    env_.Call(peer, kPrepare, request, kPatience * (attempts_ + 1),
              [this, peer, ballot = ballot_](absl::StatusOr<PrepareResponse> response) {
                // An answer to an earlier ballot promises nothing for this one.
                if (!response.ok() || phase_ != Phase::kPreparing || !(ballot == ballot_)) return;
                OnPromise(peer, *response);
              });
  }
  OnPromise(config_.self(), *own);
  // [end]
}

void Proposer::OnPromise(NodeId from, const PrepareResponse& response) {
  // [solution: Collect promises until a quorum has answered (handout 2A, step 5).]
  if (!response.promised()) return OnRefused(response.ballot());
  promises_[from] = response;
  if (promises_.size() >= QuorumOf(config_)) BeginAccepting();
  // [end]
}

void Proposer::BeginAccepting() {
  // [solution: Choose the value that the promises allow, and propose it (handout 2A, step 5).]
  phase_ = Phase::kAccepting;
  value_ = own_value_;
  Ballot highest;
  for (const auto& [from, promise] : promises_) {
    // Something may have been decided already: then a quorum has accepted it, one of them is in
    // this quorum too, and no accepted proposal has a higher ballot and another value.
    if (highest < promise.accepted()) {
      highest = promise.accepted();
      value_ = promise.value();
    }
  }
  AcceptRequest request;
  *request.mutable_ballot() = ballot_;
  request.set_value(value_);
  const auto own = acceptor_.Accept(request);
  if (!own.ok()) return TryAgainLater();
  for (const NodeId peer : config_.peers()) {
    if (peer == config_.self()) continue;
    env_.Call(peer, kAccept, request, kPatience * (attempts_ + 1),
              [this, peer, ballot = ballot_](absl::StatusOr<AcceptResponse> response) {
                if (!response.ok() || phase_ != Phase::kAccepting || !(ballot == ballot_)) return;
                OnAccepted(peer, *response);
              });
  }
  OnAccepted(config_.self(), *own);
  // [end]
}

void Proposer::OnAccepted(NodeId from, const AcceptResponse& response) {
  // [solution: Count who has accepted; a quorum decides (handout 2A, step 6).]
  if (!response.accepted()) return OnRefused(response.ballot());
  accepted_.insert(from);
  if (accepted_.size() < QuorumOf(config_)) return;
  Stop();
  decided_(value_);
  // [end]
}

void Proposer::OnRefused(const Ballot& promised) {
  // [solution: Someone has promised a higher ballot: give this one up (handout 2A, step 7).]
  seen_ = std::max(seen_, promised.round());
  TryAgainLater();
  // [end]
}

void Proposer::TryAgainLater() {
  // [solution: Pause, at random and longer each time, then begin a higher ballot (handout 2A,
  // step 7).]
  phase_ = Phase::kWaiting;
  const Duration longest = kShortestPause * (1 << std::min(attempts_, kMostDoublings));
  ++attempts_;
  retry_ = env_.After(env_.RandomBetween(kShortestPause, 2 * longest), [this] { BeginBallot(); });
  // [end]
}

}  // namespace quorum::paxos
