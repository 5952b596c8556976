// Events (section 2.5): part of the state, so that no fail-over loses one.
#include <algorithm>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/lock_machine.h"

namespace quorum::lock_service {
namespace {

// A session that receives nothing dies before long; what happens until then is bounded by this.
constexpr std::size_t kMostEvents = 1000;

// [solution]
bool Wishes(const HandleRecord& handle, EventKind kind) {
  return kind == HANDLE_INVALID ||
         std::find(handle.events().begin(), handle.events().end(), kind) != handle.events().end();
}
// [end]

}  // namespace

void LockMachine::Publish(const NodeRecord& node, EventKind kind, const std::string& child) {
  // Every session is told that has opened the node with the wish for it (handout 4D, step 1).
  // [solution]
  const auto open = open_on_.find(node.stat().instance());
  if (open == open_on_.end()) return;
  for (const std::uint64_t handle : open->second) {
    const std::uint64_t session = owners_.at(handle);
    PublishTo(session, sessions_.Find(session)->handles.at(handle), kind, child);
  }
  // [end]
}

void LockMachine::PublishTo(std::uint64_t session_id, const HandleRecord& handle, EventKind kind,
                            const std::string& child) {
  // [solution: Add the event to those of the session, if the handle was opened with the wish for it
  // (handout 4D, step 1).]
  if (!Wishes(handle, kind)) return;
  Session& session = *sessions_.Find(session_id);
  Event event;
  event.set_number(++session.last_event);
  event.set_kind(kind);
  if (session.events.size() >= kMostEvents) {
    session.events.clear();
    event.set_kind(EVENTS_LOST);
  } else {
    event.set_handle(handle.id());
    event.set_path(handle.path());
    event.set_child(child);
  }
  session.events.push_back(event);
  observer_.OnEvent(session_id);
  // [end]
}

void LockMachine::PublishConflict(const NodeRecord& node, const LockClaim& claim) {
  // Holders are told that somebody cannot have the lock as long as they have it (bonus).
  // [solution]
  for (const LockClaim& holder : node.holders()) {
    if (holder.mode() == SHARED && claim.mode() == SHARED) continue;
    const Session& session = *sessions_.Find(holder.session());
    PublishTo(session.id, session.handles.at(holder.handle()), CONFLICTING_LOCK, {});
  }
  // [end]
}

Result LockMachine::TrimEvents(const lock_service::TrimEvents& command) {
  // [solution: Forget what the session has received (handout 4D, step 2).]
  Session* session = sessions_.Find(command.session());
  if (session == nullptr) return {};
  while (!session->events.empty() && session->events.front().number() <= command.up_to()) {
    session->events.pop_front();
  }
  return {};
  // [end]
}

}  // namespace quorum::lock_service
