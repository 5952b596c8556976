// Locks (section 2.4): every node is one.
#include <algorithm>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/lock_machine.h"

namespace quorum::lock_service {
namespace {

constexpr std::int64_t kLongestDelay = 60'000'000'000;

bool IsOf(const LockClaim& claim, std::uint64_t handle) { return claim.handle() == handle; }

}  // namespace

absl::Status LockMachine::CheckClaim(const NodeRecord& node, const LockClaim& claim) const {
  NotWritten("Refuse what makes no sense, and a handle that has the lock or waits for it (the "
             "comment of AcquireRequest; handout 4C, step 1).");
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
  NotWritten("Say whether this very acquisition still lasts (section 2.4; handout 4C, step 4).");
}

bool LockMachine::IsDelayed(const std::string& path) const {
  // Whether a lock-delay is in force (section 2.4; handout 4C, step 5).
  return false;
}

bool LockMachine::MayHold(const NodeRecord& node, LockMode mode) const {
  NotWritten(
      "Say whether the lock can be held in this mode beside its holders (handout 4C, step 1).");
}

void LockMachine::Grant(NodeRecord& node, const LockClaim& claim) {
  NotWritten("Make it a holder; a lock that was free gets a generation that no lock has had "
             "(handout 4C, step 1).");
}

Result LockMachine::Acquire(Session& session, const AcquireRequest& request) {
  NotWritten("Grant it, or let it wait behind all who came before (handout 4C, step 2).");
}

Result LockMachine::TryAcquire(Session& session, const TryAcquireRequest& request) {
  NotWritten("Grant it if nobody has it or waits for it (handout 4C, step 1).");
}

Result LockMachine::Release(Session& session, const ReleaseRequest& request) {
  NotWritten("Release what this handle holds (handout 4C, step 1), and see who is next (step 2).");
}

void LockMachine::DropClaims(NodeRecord& node, std::uint64_t handle, bool died) {
  // Holds no lock any more, and waits for none; a holder that died leaves its lock-delay (handout
  // 4C, steps 1, 3 and 5).
}

void LockMachine::BeginLockDelay(const NodeRecord& node, const LockClaim& holder) {
  NotWritten(
      "Let nobody have the lock until the master says so (section 2.4; handout 4C, step 5).");
}

Result LockMachine::EndLockDelay(std::uint64_t id) {
  NotWritten("Forget the delay, and see who is next (handout 4C, step 5).");
}

void LockMachine::GrantWaiting(const std::string& path) {
  // Whoever is first gets it, and those behind who can hold it beside (handout 4C, step 2).
}

void LockMachine::AnswerWaiting(const LockClaim& claim, const AcquireResponse& answer) {
  NotWritten("Remember the answer, in case it is asked for again (handout 4C, step 2).");
}

Result LockMachine::GiveUp(const lock_service::GiveUp& command) {
  NotWritten("Take the operation out of the queue, if it still waits (handout 4C, step 3).");
}

}  // namespace quorum::lock_service
