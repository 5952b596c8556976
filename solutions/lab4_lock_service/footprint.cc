// What a command may change of what clients cache: the paths whose contents, stat, children or
// absence may be other ones when it has been applied (section 2.7).
#include <algorithm>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/names.h"
#include "labs/lab4_lock_service/server.h"

namespace quorum::lock_service {

std::vector<std::string> LockServer::FootprintOf(const Command& command) const {
  // Which paths that are, at least, whatever is applied before it (handout 4D, step 6).
  // [solution]
  const auto of_handle = [this](const auto& request, bool may_remove) {
    return FootprintOfHandle(request.call().session(), request.handle(), may_remove);
  };
  switch (command.kind_case()) {
    case Command::kOpen:
      return FootprintOfOpen(command.open());
    case Command::kClose:
      return FootprintOfClose(command.close());
    case Command::kSetContents:
      return of_handle(command.set_contents(), false);
    case Command::kDeleteNode:
      return of_handle(command.delete_node(), true);
    case Command::kAcquire:
      return of_handle(command.acquire(), false);
    case Command::kTryAcquire:
      return of_handle(command.try_acquire(), false);
    case Command::kRelease:
      return of_handle(command.release(), false);
    case Command::kSetAcl:
      return of_handle(command.set_acl(), false);
    case Command::kEndSession:
      return FootprintOfSession(command.end_session().session());
    case Command::kExpireSession:
      return FootprintOfSession(command.expire_session().session());
    case Command::kEndLockDelay: {
      const auto delay = machine_.delays().find(command.end_lock_delay().delay());
      if (delay == machine_.delays().end()) return {};
      return {delay->second.path()};  // whoever is first gets the lock
    }
    default:
      return {};
  }
  // [end]
  // [skeleton: return {};]
}

std::vector<std::string> LockServer::FootprintOfOpen(const OpenRequest& request) const {
  // [solution: A node may be created: it is no longer absent, and its parent has another child
  // (handout 4D, step 6).]
  if (request.create() == OpenRequest::MUST_EXIST) return {};
  const std::string& path = request.path();
  if (!CheckPath(path, machine_.tree().root()).ok() || path == machine_.tree().root()) return {};
  // Whoever deletes it now comes behind this command.
  if (machine_.tree().Find(path) != nullptr && !caches_.IsChanging(path)) return {};
  return {path, ParentOf(path)};
  // [end]
}

std::vector<std::string> LockServer::FootprintOfHandle(std::uint64_t session_id,
                                                       std::uint64_t handle,
                                                       bool may_remove) const {
  // [solution: The node's own path, and its parent's if the node may go (handout 4D, step 6).]
  const Session* session = machine_.sessions().Find(session_id);
  if (session == nullptr) return {};
  const auto open = session->handles.find(handle);
  if (open == session->handles.end()) return {};
  const std::string& path = open->second.path();
  if (!may_remove || path == machine_.tree().root()) return {path};
  return {path, ParentOf(path)};
  // [end]
}

std::vector<std::string> LockServer::FootprintOfClose(const CloseRequest& request) const {
  // [solution: Most handles are closed without a trace: unless the node may go, or its lock pass on
  // (handout 4D, step 6).]
  const std::uint64_t session = request.call().session();
  const Session* found = machine_.sessions().Find(session);
  if (found == nullptr || !found->handles.contains(request.handle())) return {};
  const NodeRecord* node = machine_.tree().Find(found->handles.at(request.handle()).path());
  if (node == nullptr) return {};
  const auto waits = [&](const LockClaim& claim) { return claim.handle() == request.handle(); };
  const bool locks = LockMachine::HolderOf(*node, request.handle()) != nullptr ||
                     std::any_of(node->queue().begin(), node->queue().end(), waits) ||
                     under_way_.contains(session);  // perhaps an Acquire of this handle
  if (!locks && !node->stat().ephemeral()) return {};
  return FootprintOfHandle(session, request.handle(), node->stat().ephemeral());
  // [end]
}

std::vector<std::string> LockServer::FootprintOfSession(std::uint64_t session_id) const {
  // [solution: Whatever it has open may be unlocked, or removed (handout 4D, step 6).]
  std::set<std::string> paths;
  const Session* session = machine_.sessions().Find(session_id);
  if (session == nullptr) return {};
  for (const auto& [handle, open] : session->handles) {
    const NodeRecord* node = machine_.tree().Find(open.path());
    if (node == nullptr || node->stat().instance() != open.instance()) continue;
    const bool locks = LockMachine::HolderOf(*node, handle) != nullptr || !node->queue().empty();
    if (locks || node->stat().ephemeral()) paths.insert(open.path());
    if (node->stat().ephemeral()) paths.insert(ParentOf(open.path()));
  }
  return {paths.begin(), paths.end()};
  // [end]
}

}  // namespace quorum::lock_service
