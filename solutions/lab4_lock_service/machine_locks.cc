// Locks (section 2.4): every node is one.
#include <algorithm>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/lock_machine.h"

namespace quorum::lock_service {
namespace {

constexpr std::int64_t kLongestDelay = 60'000'000'000;

// [solution]
LockClaim ClaimOf(const Session& session, const AcquireRequest& request) {
  LockClaim claim;
  claim.set_session(session.id);
  claim.set_handle(request.handle());
  claim.set_mode(request.mode());
  claim.set_lock_delay_ns(request.lock_delay_ns());
  claim.set_number(request.call().number());
  claim.set_patience_ns(request.patience_ns());
  return claim;
}
// [end]

bool IsOf(const LockClaim& claim, std::uint64_t handle) { return claim.handle() == handle; }

}  // namespace

absl::Status LockMachine::CheckClaim(const NodeRecord& node, const LockClaim& claim) const {
  // [solution: Refuse what makes no sense, and a handle that has the lock or waits for it (the
  // comment of AcquireRequest; handout 4C, step 1).]
  if (claim.mode() != EXCLUSIVE && claim.mode() != SHARED) {
    return absl::InvalidArgumentError("A lock is exclusive or shared.");
  }
  if (claim.lock_delay_ns() < 0 || claim.lock_delay_ns() > kLongestDelay ||
      claim.patience_ns() < 0) {
    return absl::InvalidArgumentError("A lock-delay is at most a minute, and no time is negative.");
  }
  // Not even in the other mode: two that hold it shared and both want it exclusively would wait for
  // each other for ever.
  if (HolderOf(node, claim.handle()) != nullptr) {
    return absl::FailedPreconditionError("The handle holds the lock.");
  }
  for (const LockClaim& waiting : node.queue()) {
    if (IsOf(waiting, claim.handle())) {
      return absl::FailedPreconditionError("The handle waits for the lock.");
    }
  }
  return absl::OkStatus();
  // [end]
}

const LockClaim* LockMachine::HolderOf(const NodeRecord& node, std::uint64_t handle) {
  for (const LockClaim& holder : node.holders()) {
    if (IsOf(holder, handle)) return &holder;
  }
  return nullptr;
}

Sequencer LockMachine::SequencerOf(const NodeRecord& node, const LockClaim& holder) {
  Sequencer sequencer;
  sequencer.set_path(node.path());
  sequencer.set_instance(node.stat().instance());
  sequencer.set_mode(holder.mode());
  sequencer.set_generation(node.stat().lock_generation());
  sequencer.set_holder(holder.handle());
  return sequencer;
}

bool LockMachine::IsValid(const Sequencer& sequencer) const {
  // [solution: Say whether this very acquisition still lasts (section 2.4; handout 4C, step 4).]
  const NodeRecord* node = tree_.Find(sequencer.path());
  if (node == nullptr || node->stat().instance() != sequencer.instance()) return false;
  if (node->stat().lock_generation() != sequencer.generation()) return false;
  const LockClaim* holder = HolderOf(*node, sequencer.holder());
  return holder != nullptr && holder->mode() == sequencer.mode();
  // [end]
}

bool LockMachine::IsDelayed(const std::string& path) const {
  // Whether a lock-delay is in force (section 2.4; handout 4C, step 5).
  // [solution]
  return std::any_of(delays_.begin(), delays_.end(),
                     [&](const auto& delay) { return delay.second.path() == path; });
  // [end]
  // [skeleton: return false;]
}

bool LockMachine::MayHold(const NodeRecord& node, LockMode mode) const {
  // [solution: Say whether the lock can be held in this mode beside its holders (handout 4C, step
  // 1).]
  if (IsDelayed(node.path())) return false;
  const auto shares = [](const LockClaim& holder) { return holder.mode() == SHARED; };
  return node.holders().empty() ||
         (mode == SHARED && std::all_of(node.holders().begin(), node.holders().end(), shares));
  // [end]
}

void LockMachine::Grant(NodeRecord& node, const LockClaim& claim) {
  // [solution: Make it a holder; a lock that was free gets a generation that no lock has had
  // (handout 4C, step 1).]
  const bool was_free = node.holders().empty();
  *node.add_holders() = claim;
  if (!was_free) return;
  node.mutable_stat()->set_lock_generation(++last_lock_generation_);
  Publish(node, LOCK_ACQUIRED);
  // [end]
}

Result LockMachine::Acquire(Session& session, const AcquireRequest& request) {
  // [solution: Grant it, or let it wait behind all who came before (handout 4C, step 2).]
  const absl::StatusOr<Grip> grip = Take(session, request.handle(), /*to_write=*/true);
  if (!grip.ok()) return ResultOf(grip.status());
  NodeRecord& node = *grip->node;
  const LockClaim claim = ClaimOf(session, request);
  if (absl::Status sensible = CheckClaim(node, claim); !sensible.ok()) return ResultOf(sensible);
  Result result;
  if (!node.queue().empty() || !MayHold(node, claim.mode())) {
    *node.add_queue() = claim;
    PublishConflict(node, claim);
    observer_.OnWaits(claim);
    result.set_waits(true);
    return result;
  }
  Grant(node, claim);
  result.mutable_acquire()->set_acquired(true);
  *result.mutable_acquire()->mutable_sequencer() = SequencerOf(node, claim);
  return result;
  // [end]
}

Result LockMachine::TryAcquire(Session& session, const TryAcquireRequest& request) {
  // [solution: Grant it if nobody has it or waits for it (handout 4C, step 1).]
  AcquireRequest same;
  *same.mutable_call() = request.call();
  same.set_handle(request.handle());
  same.set_mode(request.mode());
  same.set_lock_delay_ns(request.lock_delay_ns());
  const absl::StatusOr<Grip> grip = Take(session, request.handle(), /*to_write=*/true);
  if (!grip.ok()) return ResultOf(grip.status());
  NodeRecord& node = *grip->node;
  const LockClaim claim = ClaimOf(session, same);
  if (absl::Status sensible = CheckClaim(node, claim); !sensible.ok()) return ResultOf(sensible);
  Result result;
  AcquireResponse& response = *result.mutable_acquire();
  if (!node.queue().empty() || !MayHold(node, claim.mode())) {
    PublishConflict(node, claim);
    return result;
  }
  Grant(node, claim);
  response.set_acquired(true);
  *response.mutable_sequencer() = SequencerOf(node, claim);
  return result;
  // [end]
}

Result LockMachine::Release(Session& session, const ReleaseRequest& request) {
  // [solution: Release what this handle holds (handout 4C, step 1), and see who is next (step 2).]
  const absl::StatusOr<Grip> grip = Take(session, request.handle(), /*to_write=*/false);
  if (!grip.ok()) return ResultOf(grip.status());
  if (HolderOf(*grip->node, request.handle()) == nullptr) {
    return ResultOf(absl::FailedPreconditionError("The handle does not hold the lock."));
  }
  DropClaims(*grip->node, request.handle(), /*died=*/false);
  GrantWaiting(grip->handle->path());
  return {};
  // [end]
}

void LockMachine::DropClaims(NodeRecord& node, std::uint64_t handle, bool died) {
  // Holds no lock any more, and waits for none; a holder that died leaves its lock-delay (handout
  // 4C, steps 1, 3 and 5).
  // [solution]
  auto& holders = *node.mutable_holders();
  for (int i = 0; i < holders.size(); ++i) {
    if (!IsOf(holders[i], handle)) continue;
    if (died && holders[i].lock_delay_ns() > 0) BeginLockDelay(node, holders[i]);
    holders.DeleteSubrange(i, 1);
    break;
  }
  auto& queue = *node.mutable_queue();
  for (int i = 0; i < queue.size(); ++i) {
    if (!IsOf(queue[i], handle)) continue;
    const LockClaim claim = queue[i];
    queue.DeleteSubrange(i, 1);
    AnswerWaiting(claim, {});
    break;
  }
  // [end]
}

void LockMachine::BeginLockDelay(const NodeRecord& node, const LockClaim& holder) {
  // [solution: Let nobody have the lock until the master says so (section 2.4; handout 4C, step
  // 5).]
  LockDelay& delay = delays_[++last_id_];
  delay.set_id(last_id_);
  delay.set_path(node.path());
  delay.set_length_ns(holder.lock_delay_ns());
  observer_.OnDelayBegun(delay);
  // [end]
}

Result LockMachine::EndLockDelay(std::uint64_t id) {
  // [solution: Forget the delay, and see who is next (handout 4C, step 5).]
  const auto ended = delays_.extract(id);
  if (ended) GrantWaiting(ended.mapped().path());
  return {};
  // [end]
}

void LockMachine::GrantWaiting(const std::string& path) {
  // Whoever is first gets it, and those behind who can hold it beside (handout 4C, step 2).
  // [solution]
  NodeRecord* node = tree_.Find(path);
  if (node == nullptr) return;
  while (!node->queue().empty() && MayHold(*node, node->queue(0).mode())) {
    const LockClaim claim = node->queue(0);
    node->mutable_queue()->DeleteSubrange(0, 1);
    Grant(*node, claim);
    AcquireResponse answer;
    answer.set_acquired(true);
    *answer.mutable_sequencer() = SequencerOf(*node, claim);
    AnswerWaiting(claim, answer);
  }
  // [end]
}

void LockMachine::AnswerWaiting(const LockClaim& claim, const AcquireResponse& answer) {
  // [solution: Remember the answer, in case it is asked for again (handout 4C, step 2).]
  Session* session = sessions_.Find(claim.session());
  const auto waiting = session->executed.find(claim.number());
  // The client may have said that it has an answer: it has stopped asking.
  if (waiting == session->executed.end()) return;
  waiting->second = {};
  *waiting->second.mutable_acquire() = answer;
  observer_.OnAnswered(claim.session(), claim.number());
  // [end]
}

Result LockMachine::GiveUp(const lock_service::GiveUp& command) {
  // [solution: Take the operation out of the queue, if it still waits (handout 4C, step 3).]
  Session* session = sessions_.Find(command.session());
  if (session == nullptr) return {};
  for (const auto& [id, handle] : session->handles) {
    NodeRecord* node = tree_.Find(handle.path());
    if (node == nullptr || node->stat().instance() != handle.instance()) continue;
    for (const LockClaim& claim : node->queue()) {
      if (!IsOf(claim, id) || claim.number() != command.number()) continue;
      const std::string path = handle.path();
      DropClaims(*node, id, /*died=*/false);
      GrantWaiting(path);
      return {};
    }
  }
  return {};
  // [end]
}

}  // namespace quorum::lock_service
