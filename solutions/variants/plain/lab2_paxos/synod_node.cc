#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "labs/lab2_paxos/ballot.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTick = 30ms;
constexpr Duration kCallTimeout = 200ms;
constexpr int kMostAttempts = 12;  // that make a ballot last longer, and pauses too

/// One decision, all in one class: acts at ticks, refuses by silence, and treats its own acceptor
/// like any other one, by a call.
class PlainSynod final : public Node {
 public:
  PlainSynod(Env& env, const NodeConfig& config) : env_(env), config_(config) {
    const auto stored = GetMessage<AcceptorState>(env_.storage(), kAcceptorKey);
    const auto decision = GetMessage<Decision>(env_.storage(), kDecisionKey);
    votes_ = stored.has_value() || config_.first_boot();
    if (stored) acceptor_ = *stored;
    if (!stored && votes_) Save(acceptor_).IgnoreError();  // otherwise with the next one
    if (decision) TakeForDecided(decision->value());
    Serve();
    tick_ = env_.After(kTick, [this] { Tick(); });
  }

 private:
  enum class Phase { kNone, kPromises, kAcceptances };

  void Serve() {
    env_.Serve(kPrepare, [this](const PrepareRequest& request, auto responder) {
      if (!votes_) return responder.Fail(LostDisk());
      if (request.ballot() < acceptor_.promised()) return;  // says nothing
      AcceptorState next = acceptor_;
      *next.mutable_promised() = request.ballot();
      if (!Save(next).ok()) return;
      PrepareResponse response;
      response.set_promised(true);
      *response.mutable_ballot() = request.ballot();
      *response.mutable_accepted() = acceptor_.accepted();
      response.set_value(acceptor_.value());
      responder.Reply(response);
    });
    env_.Serve(kAccept, [this](const AcceptRequest& request, auto responder) {
      if (!votes_) return responder.Fail(LostDisk());
      if (request.ballot() < acceptor_.promised()) return;
      AcceptorState next;
      *next.mutable_promised() = *next.mutable_accepted() = request.ballot();
      next.set_value(request.value());
      if (!Save(next).ok()) return;
      AcceptResponse response;
      response.set_accepted(true);
      *response.mutable_ballot() = request.ballot();
      responder.Reply(response);
    });
    env_.Serve(kLearn, [this](const LearnRequest& request, auto responder) {
      if (!Decide(request.value())) return;
      untold_.erase(request.node());
      responder.Reply(LearnResponse());
    });
    env_.Serve(kPropose, [this](const ProposeRequest& request, auto responder) {
      if (request.value().empty()) {
        return responder.Fail(absl::InvalidArgumentError("A value is not empty."));
      }
      if (decided_.empty() && !votes_) return responder.Fail(LostDisk());
      clients_.push_back(std::move(responder));
      if (!decided_.empty()) return AnswerClients();
      if (wanted_.empty()) {
        wanted_ = request.value();
        BeginBallot();
      }
    });
  }

  static absl::Status LostDisk() {
    return absl::FailedPreconditionError("This node has lost its disk.");
  }

  absl::Status Save(const AcceptorState& next) {
    WriteBatch batch;
    batch.PutMessage(kAcceptorKey, next);
    const absl::Status written = env_.storage().Write(batch);
    if (written.ok()) acceptor_ = next;
    return written;
  }

  void Tick() {
    tick_ = env_.After(kTick, [this] { Tick(); });
    if (!decided_.empty()) return Tell();
    if (!chosen_.empty()) return void(Decide(chosen_));  // the disk was full
    if (wanted_.empty()) return;
    if (env_.Now() >= next_ballot_) return BeginBallot();
    if (env_.Now() < end_of_ballot_) Ask();
  }

  // -- The proposer.

  void BeginBallot() {
    attempts_ = std::min(attempts_ + 1, kMostAttempts);
    phase_ = Phase::kNone;
    const int lasts = 100 * attempts_;
    end_of_ballot_ = env_.Now() + std::chrono::milliseconds(lasts);
    next_ballot_ = end_of_ballot_ + env_.RandomBetween(0ms, std::chrono::milliseconds(2 * lasts));
    ballot_ = MakeBallot(acceptor_.promised().round() + 1 + env_.RandomBelow(3), config_.self());
    // On the disk before anybody hears of it, so that no later boot uses it again.
    AcceptorState next = acceptor_;
    *next.mutable_promised() = ballot_;
    if (!Save(next).ok()) return;
    phase_ = Phase::kPromises;
    promises_.clear();
    acceptances_.clear();
    Ask();
  }

  /// Asks everyone who has not answered yet.
  void Ask() {
    for (const NodeId peer : config_.peers()) {
      if (phase_ == Phase::kPromises && !promises_.contains(peer)) AskForPromise(peer);
      if (phase_ == Phase::kAcceptances && !acceptances_.contains(peer)) AskToAccept(peer);
    }
  }

  void AskForPromise(NodeId peer) {
    PrepareRequest request;
    *request.mutable_ballot() = ballot_;
    env_.Call(peer, kPrepare, request, kCallTimeout,
              [this, peer, ballot = ballot_](const absl::StatusOr<PrepareResponse>& response) {
                if (!response.ok() || !response->promised() || phase_ != Phase::kPromises) return;
                if (!(ballot == ballot_)) return;
                promises_[peer] = *response;
                if (promises_.size() >= QuorumOf(config_)) ChooseValue();
              });
  }

  void ChooseValue() {
    phase_ = Phase::kAcceptances;
    const auto highest = std::max_element(
        promises_.begin(), promises_.end(),
        [](const auto& a, const auto& b) { return a.second.accepted() < b.second.accepted(); });
    const PrepareResponse& report = highest->second;
    value_ = IsNone(report.accepted()) ? wanted_ : report.value();
    Ask();
  }

  void AskToAccept(NodeId peer) {
    AcceptRequest request;
    *request.mutable_ballot() = ballot_;
    request.set_value(value_);
    env_.Call(peer, kAccept, request, kCallTimeout,
              [this, peer, ballot = ballot_](const absl::StatusOr<AcceptResponse>& response) {
                if (!response.ok() || !response->accepted() || !(ballot == ballot_)) return;
                if (phase_ != Phase::kAcceptances) return;
                acceptances_.insert(peer);
                if (acceptances_.size() < QuorumOf(config_)) return;
                chosen_ = value_;
                phase_ = Phase::kNone;
                (void)Decide(chosen_);
              });
  }

  // -- The learner.

  /// False: it is not on the disk.
  bool Decide(const std::string& value) {
    if (!decided_.empty()) return true;
    Decision decision;
    decision.set_value(value);
    WriteBatch batch;
    batch.PutMessage(kDecisionKey, decision);
    if (!env_.storage().Write(batch).ok()) return false;
    TakeForDecided(value);
    AnswerClients();
    Tell();
    return true;
  }

  void TakeForDecided(const std::string& value) {
    decided_ = value;
    phase_ = Phase::kNone;
    for (const NodeId peer : config_.peers()) {
      if (peer != config_.self()) untold_.insert(peer);
    }
  }

  void Tell() {
    if (env_.Now() < next_telling_) return;
    next_telling_ = env_.Now() + 3 * kTick;
    LearnRequest request;
    request.set_value(decided_);
    request.set_node(config_.self());
    for (const NodeId peer : untold_) {
      env_.Call(peer, kLearn, request, kCallTimeout,
                [this, peer](const absl::StatusOr<LearnResponse>& response) {
                  if (response.ok()) untold_.erase(peer);
                });
    }
  }

  void AnswerClients() {
    ProposeResponse response;
    response.set_value(decided_);
    for (auto& client : clients_) client.Reply(response);
    clients_.clear();
  }

  Env& env_;
  const NodeConfig config_;
  bool votes_ = false;
  AcceptorState acceptor_;

  std::string wanted_;  // by the first client; empty: by none
  Phase phase_ = Phase::kNone;
  Ballot ballot_;
  std::string value_;  // under this ballot
  std::map<NodeId, PrepareResponse> promises_;
  std::set<NodeId> acceptances_;
  int attempts_ = 0;
  Time end_of_ballot_;
  Time next_ballot_;

  std::string chosen_;   // by our acceptances
  std::string decided_;  // and on the disk
  std::set<NodeId> untold_;
  Time next_telling_;
  std::vector<Responder<ProposeResponse>> clients_;
  Timer tick_;
};

}  // namespace

std::unique_ptr<Node> MakeSynodNode(Env& env, const NodeConfig& config) {
  return std::make_unique<PlainSynod>(env, config);
}

}  // namespace quorum::paxos
