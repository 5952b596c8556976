#include "grader/explore/testing/toy_node.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace quorum::explore::toy {
namespace {

using namespace std::chrono_literals;

constexpr char kKey[] = "acceptor";
constexpr Duration kPatience = 100ms;

class ToyNode final : public Node {
 public:
  ToyNode(Env& env, const NodeConfig& config) : env_(env), config_(config) {
    config.lab().UnpackTo(&toy_);
    if (const auto stored = GetMessage<AcceptorState>(env_.storage(), kKey)) state_ = *stored;
    env_.Serve(kPrepare, [this](const PrepareRequest& request, auto responder) {
      responder.Reply(Prepare(request.ballot()));
      if (Has(kPromiseWrittenLate)) Write(true);
    });
    env_.Serve(kAccept, [this](const AcceptRequest& request, auto responder) {
      responder.Reply(Accept(request));
    });
    env_.Serve(kPropose, [this](const ProposeRequest& request, auto responder) {
      own_value_ = request.value();
      client_.emplace(std::move(responder));
      if (!Has(kBeginsSoon)) return Begin();
      soon_ = env_.After(0ms, [this] { Begin(); });
    });
    if (Has(kLooksAround)) LookAround();
  }

 private:
  void LookAround() {
    look_ = env_.After(kPatience / 10, [this] { LookAround(); });
  }

  bool Has(std::uint32_t bug) const { return (toy_.bugs() & bug) != 0; }
  int Quorum() const { return static_cast<int>(toy_.quorum()) - (Has(kQuorumTooSmall) ? 1 : 0); }

  void Write(bool sync) {
    WriteBatch batch;
    batch.PutMessage(kKey, state_);
    Check(env_.storage().Write(batch, {.sync = sync}).ok(), "The disk is not full.");
  }

  PrepareResponse Prepare(std::uint32_t ballot) {
    PrepareResponse response;
    Check(!Has(kDiesOfOldBallot) || ballot > state_.promised(), "Ballots rise.");
    if (ballot <= state_.promised()) return response;
    state_.set_promised(ballot);
    if (!Has(kPromiseNotDurable | kPromiseWrittenLate)) Write(true);
    response.set_promised(true);
    response.set_accepted(state_.accepted());
    response.set_value(state_.value());
    // Whatever the heap looks like: two instances are never at the same place.
    if (Has(kUsesAddresses))
      response.set_value(std::to_string(reinterpret_cast<std::uintptr_t>(this)));
    return response;
  }

  AcceptResponse Accept(const AcceptRequest& request) {
    AcceptResponse response;
    const std::uint32_t least = Has(kPromiseNotChecked) ? state_.accepted() : state_.promised();
    if (request.ballot() < least) return response;
    state_.set_promised(std::max(request.ballot(), state_.promised()));
    state_.set_accepted(request.ballot());
    state_.set_value(request.value());
    Write(!Has(kAcceptNotSynced));
    response.set_accepted(true);
    return response;
  }

  void Begin() {
    if (begun_ == toy_.ballots()) return;
    ++begun_;
    ballot_ = (std::max(ballot_, state_.promised()) / 10 + 1) * 10 + config_.self();
    promises_.clear();
    accepts_.clear();
    value_.reset();
    retry_ = env_.After(kPatience * 2, [this] { Begin(); });
    const PrepareResponse own = Prepare(ballot_);
    PrepareRequest request;
    request.set_ballot(ballot_);
    for (const NodeId peer : config_.peers()) AskPromise(peer, request, 0);
    if (own.promised()) OnPromise(config_.self(), own);
  }

  /// Asks again when a call fails, unless this node asks once.
  void AskPromise(NodeId peer, const PrepareRequest& request, int tries) {
    if (peer == config_.self()) return;
    env_.Call(peer, kPrepare, request, kPatience,
              [=, this](absl::StatusOr<PrepareResponse> response) {
                if (request.ballot() != ballot_) return;
                if (!response.ok() && tries == 0 && !Has(kAsksOnce)) AskPromise(peer, request, 1);
                if (response.ok() && response->promised()) OnPromise(peer, *response);
              });
  }

  void OnPromise(NodeId from, const PrepareResponse& promise) {
    if (value_) return;
    promises_[from] = promise;
    if (static_cast<int>(promises_.size()) < Quorum()) return;
    value_ = own_value_;
    std::uint32_t highest = 0;
    for (const auto& [node, told] : promises_) {
      if (Has(kIgnoresPromisedValue) || told.accepted() <= highest) continue;
      highest = told.accepted();
      value_ = told.value();
    }
    if (Has(kValueOfLastPromise) && promise.accepted() > 0) value_ = promise.value();
    AcceptRequest request;
    request.set_ballot(ballot_);
    request.set_value(*value_);
    const AcceptResponse own = Accept(request);
    for (const NodeId peer : config_.peers()) AskAccept(peer, request);
    if (own.accepted()) OnAccepted(config_.self());
  }

  void AskAccept(NodeId peer, const AcceptRequest& request) {
    if (peer == config_.self()) return;
    env_.Call(peer, kAccept, request, kPatience,
              [=, this](const absl::StatusOr<AcceptResponse>& response) {
                if (request.ballot() != ballot_) return;
                if (response.ok() && response->accepted()) OnAccepted(peer);
              });
  }

  void OnAccepted(NodeId from) {
    accepts_.insert(from);
    if (static_cast<int>(accepts_.size()) < Quorum() || !client_) return;
    ProposeResponse response;
    response.set_value(*value_);
    client_->Reply(response);
    client_.reset();
    retry_.Cancel();
  }

  Env& env_;
  const NodeConfig config_;
  ToyConfig toy_;
  AcceptorState state_;
  std::string own_value_;
  std::optional<Responder<ProposeResponse>> client_;
  std::uint32_t begun_ = 0;
  std::uint32_t ballot_ = 0;
  std::map<NodeId, PrepareResponse> promises_;
  std::optional<std::string> value_;
  std::set<NodeId> accepts_;
  Timer retry_;
  Timer look_;
  Timer soon_;
};

}  // namespace

std::unique_ptr<Node> MakeToyNode(Env& env, const NodeConfig& config) {
  return std::make_unique<ToyNode>(env, config);
}

}  // namespace quorum::explore::toy
