// Events (section 2.5): part of the state, so that no fail-over loses one.
#include <algorithm>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/lock_machine.h"

namespace quorum::lock_service {
namespace {

// A session that receives nothing dies before long; what happens until then is bounded by this.
constexpr std::size_t kMostEvents = 1000;

}  // namespace

void LockMachine::Publish(const NodeRecord& node, EventKind kind, const std::string& child) {
  // Every session is told that has opened the node with the wish for it (handout 4D, step 1).
}

void LockMachine::PublishTo(std::uint64_t session_id, const HandleRecord& handle, EventKind kind,
                            const std::string& child) {
  NotWritten("Add the event to those of the session, if the handle was opened with the wish for it "
             "(handout 4D, step 1).");
}

void LockMachine::PublishConflict(const NodeRecord& node, const LockClaim& claim) {
  // Holders are told that somebody cannot have the lock as long as they have it (bonus).
}

Result LockMachine::TrimEvents(const lock_service::TrimEvents& command) {
  NotWritten("Forget what the session has received (handout 4D, step 2).");
}

}  // namespace quorum::lock_service
