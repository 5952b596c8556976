// The state machine of another shape: locks.
#include <algorithm>

#include "plain_cell.h"

namespace quorum::lock_service {
namespace {

constexpr std::int64_t kMinute = 60'000'000'000;

/// Takes the claim of `handle` out of `claims`, and says which it was.
bool Take(google::protobuf::RepeatedPtrField<LockClaim>& claims, std::uint64_t handle,
          LockClaim& taken) {
  for (int i = 0; i < claims.size(); ++i) {
    if (claims[i].handle() != handle) continue;
    taken = claims[i];
    claims.DeleteSubrange(i, 1);
    return true;
  }
  return false;
}

absl::Status Sensible(const NodeRecord& node, const LockClaim& claim) {
  if (claim.mode() != EXCLUSIVE && claim.mode() != SHARED) {
    return absl::InvalidArgumentError("There is no such mode.");
  }
  if (std::min(claim.lock_delay_ns(), claim.patience_ns()) < 0 || claim.lock_delay_ns() > kMinute) {
    return absl::InvalidArgumentError("That is no time to wait.");
  }
  const bool waits = std::any_of(node.queue().begin(), node.queue().end(),
                                 [&](const auto& one) { return one.handle() == claim.handle(); });
  if (waits || FindHolder(node, claim.handle()) != nullptr) {
    return absl::FailedPreconditionError("The handle has the lock, or waits for it.");
  }
  return absl::OkStatus();
}

}  // namespace

Sequencer SequencerOf(const NodeRecord& node, const LockClaim& holder) {
  Sequencer sequencer;
  sequencer.set_path(node.path());
  sequencer.set_instance(node.stat().instance());
  sequencer.set_mode(holder.mode());
  sequencer.set_generation(node.stat().lock_generation());
  sequencer.set_holder(holder.handle());
  return sequencer;
}

bool IsValid(const Snapshot& state, const Sequencer& sequencer) {
  const NodeRecord* node = FindNode(state, sequencer.path());
  if (node == nullptr) return false;
  const LockClaim* holder = FindHolder(*node, sequencer.holder());
  return holder != nullptr &&
         SequencerOf(*node, *holder).SerializeAsString() == sequencer.SerializeAsString();
}

Result PlainCell::Acquire(NodeRecord& node, const LockClaim& claim, bool may_wait) {
  if (absl::Status sensible = Sensible(node, claim); !sensible.ok()) return ResultOf(sensible);
  Result result;
  if (node.queue_size() == 0 && IsFree(node, claim.mode())) {
    Grant(node, claim);
    result.mutable_acquire()->set_acquired(true);
    *result.mutable_acquire()->mutable_sequencer() = SequencerOf(node, claim);
    return result;
  }
  for (const LockClaim& holder : node.holders()) {
    if (holder.mode() == SHARED && claim.mode() == SHARED) continue;
    SessionRecord& session = *Session(holder.session());
    Tell(session, *FindHandle(session, holder.handle()), CONFLICTING_LOCK, {});
  }
  if (may_wait) *node.add_queue() = claim;
  may_wait ? result.set_waits(true) : result.mutable_acquire()->set_acquired(false);
  return result;
}

Result PlainCell::Release(NodeRecord& node, std::uint64_t handle) {
  if (FindHolder(node, handle) == nullptr) {
    return ResultOf(absl::FailedPreconditionError("It does not have the lock."));
  }
  Drop(node, handle, /*died=*/false);
  GrantNext(node.path());
  return {};
}

void PlainCell::GiveUp(const lock_service::GiveUp& command) {
  for (NodeRecord& node : *state_.mutable_nodes()) {
    for (const LockClaim& claim : node.queue()) {
      if (claim.session() != command.session() || claim.number() != command.number()) continue;
      Drop(node, claim.handle(), /*died=*/false);
      return GrantNext(node.path());
    }
  }
}

void PlainCell::EndDelay(std::uint64_t id) {
  auto& delays = *state_.mutable_delays();
  for (int i = 0; i < delays.size(); ++i) {
    if (delays[i].id() != id) continue;
    const std::string path = delays[i].path();
    delays.DeleteSubrange(i, 1);
    return GrantNext(path);
  }
}

bool PlainCell::IsDelayed(const std::string& path) const {
  return std::any_of(state_.delays().begin(), state_.delays().end(),
                     [&](const LockDelay& delay) { return delay.path() == path; });
}

bool PlainCell::IsFree(const NodeRecord& node, LockMode mode) const {
  if (IsDelayed(node.path())) return false;
  if (node.holders_size() == 0) return true;
  return mode == SHARED && node.holders(0).mode() == SHARED;  // all of them are alike
}

void PlainCell::Grant(NodeRecord& node, const LockClaim& claim) {
  *node.add_holders() = claim;
  if (node.holders_size() > 1) return;
  state_.set_last_lock_generation(state_.last_lock_generation() + 1);
  node.mutable_stat()->set_lock_generation(state_.last_lock_generation());
  Publish(node, LOCK_ACQUIRED);
}

void PlainCell::GrantNext(const std::string& path) {
  NodeRecord* node = Node(path);
  while (node != nullptr && node->queue_size() > 0 && IsFree(*node, node->queue(0).mode())) {
    const LockClaim next = node->queue(0);
    node->mutable_queue()->DeleteSubrange(0, 1);
    Grant(*node, next);
    AcquireResponse answer;
    answer.set_acquired(true);
    *answer.mutable_sequencer() = SequencerOf(*node, next);
    Answer(next, answer);
  }
}

void PlainCell::Drop(NodeRecord& node, std::uint64_t handle, bool died) {
  LockClaim claim;
  if (Take(*node.mutable_holders(), handle, claim) && died && claim.lock_delay_ns() > 0) {
    state_.set_last_id(state_.last_id() + 1);
    LockDelay& delay = *state_.add_delays();
    delay.set_id(state_.last_id());
    delay.set_path(node.path());
    delay.set_length_ns(claim.lock_delay_ns());
  }
  if (Take(*node.mutable_queue(), handle, claim)) Answer(claim, {});
}

void PlainCell::Answer(const LockClaim& claim, const AcquireResponse& answer) {
  const Executed* asked = FindExecuted(*Session(claim.session()), claim.number());
  if (asked == nullptr) return;  // its client does not want to know any more
  Result result;
  *result.mutable_acquire() = answer;
  *const_cast<Executed*>(asked)->mutable_result() = result;
}

}  // namespace quorum::lock_service
