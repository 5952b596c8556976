#include "labs/lab2_paxos/learner.h"

#include <utility>

#include "common/env/not_written.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

constexpr Duration kCallTimeout = 100ms;
constexpr Duration kShortestPause = 50ms;
constexpr Duration kLongestPause = 200ms;

}  // namespace

Learner::Learner(Env& env, const NodeConfig& config,
                 std::function<void(const std::string&)> learned)
    : env_(env), config_(config), learned_(std::move(learned)) {
  // Handout 2B, step 2: read what an earlier boot has learned, and go on telling it.
  // [solution]
  if (const auto stored = GetMessage<Decision>(env_.storage(), kDecisionKey)) {
    decision_ = stored->value();
    TellEveryone();
  }
  // [end]
}

absl::Status Learner::Learn(const std::string& value) {
  // [solution: Keep the decision durably, and tell clients and nodes (handout 2A, step 6).]
  if (decision_) return absl::OkStatus();
  Decision decision;
  decision.set_value(value);
  WriteBatch batch;
  batch.PutMessage(kDecisionKey, decision);
  if (const absl::Status written = env_.storage().Write(batch); !written.ok()) return written;
  decision_ = value;
  learned_(value);
  TellEveryone();
  return absl::OkStatus();
  // [end]
}

void Learner::TellEveryone() {
  // [solution: Tell each other node until it has answered (handout 2A, step 6).]
  for (const NodeId peer : config_.peers()) {
    if (peer == config_.self()) continue;
    untold_[peer] = Timer();
    Tell(peer);
  }
  // [end]
}

void Learner::Tell(NodeId peer) {
  // [solution: Call Learn, and again after a pause if it fails (handout 2A, step 6).]
  LearnRequest request;
  request.set_value(*decision_);
  request.set_node(config_.self());
  env_.Call(peer, kLearn, request, kCallTimeout,
            [this, peer](const absl::StatusOr<LearnResponse>& response) {
              if (response.ok()) return Knows(peer);
              if (!untold_.contains(peer)) return;
              untold_[peer] = env_.After(env_.RandomBetween(kShortestPause, kLongestPause),
                                         [this, peer] { Tell(peer); });
            });
  // [end]
}

}  // namespace quorum::paxos
