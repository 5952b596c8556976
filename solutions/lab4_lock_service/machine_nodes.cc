// Nodes and handles (sections 2.2, 2.3 and 2.6).
#include "common/env/not_written.h"
#include "labs/lab4_lock_service/lock_machine.h"
#include "labs/lab4_lock_service/names.h"

namespace quorum::lock_service {

absl::Status LockMachine::CheckOpen(const OpenRequest& request) const {
  // [solution: Refuse what makes no sense (the comment of OpenRequest; handout 4A, step 1).]
  if (absl::Status path = CheckPath(request.path(), tree_.root()); !path.ok()) return path;
  if (request.contents().size() > kMostContentBytes) {
    return absl::InvalidArgumentError("A file has at most 262144 bytes.");
  }
  if (request.directory() && (request.ephemeral() || !request.contents().empty())) {
    return absl::InvalidArgumentError("A directory has no contents and is not ephemeral.");
  }
  return absl::OkStatus();
  // [end]
}

Result LockMachine::Open(Session& session, const OpenRequest& request) {
  // [solution: Find the node, or create it, and open a handle on it (handout 4A, step 3).]
  if (absl::Status sensible = CheckOpen(request); !sensible.ok()) return ResultOf(sensible);
  Result result;
  OpenResponse& response = *result.mutable_open();
  NodeRecord* node = tree_.Find(request.path());
  if (node == nullptr) {
    if (request.create() == OpenRequest::MUST_EXIST) return result;  // with handle 0
    const absl::StatusOr<NodeRecord*> created = CreateNode(session, request);
    if (!created.ok()) return ResultOf(created.status());
    node = *created;
    response.set_created(true);
  } else if (request.create() == OpenRequest::MUST_CREATE) {
    return ResultOf(absl::AlreadyExistsError("There is a node of that name."));
  } else if (absl::Status access = CheckAccess(*node, session.client, request); !access.ok()) {
    return ResultOf(access);
  }
  response.set_handle(AddHandle(session, *node, request));
  *response.mutable_stat() = tree_.StatOf(*node);
  return result;
  // [end]
}

absl::StatusOr<NodeRecord*> LockMachine::CreateNode(const Session& session,
                                                    const OpenRequest& request) {
  // [solution: Create it if its parent is there and a directory (handout 4A, step 3).]
  NodeRecord* parent = tree_.Find(ParentOf(request.path()));
  if (parent == nullptr || !parent->stat().directory()) {
    return absl::FailedPreconditionError("There is no directory to create it in.");
  }
  if (!Permits(parent->acl().writers(), session.client)) {
    return absl::PermissionDeniedError("You may not write in that directory.");
  }
  NodeRecord& node = tree_.Create(request, ++last_id_);
  *node.mutable_acl() = request.has_acl() ? request.acl() : parent->acl();
  Publish(*parent, CHILD_ADDED, LastOf(request.path()));
  return &node;
  // [end]
}

std::uint64_t LockMachine::AddHandle(Session& session, const NodeRecord& node,
                                     const OpenRequest& request) {
  // [solution: Give out a number that no handle has had, and remember what it stands for (handout
  // 4A, step 3).]
  const std::uint64_t id = ++last_id_;
  HandleRecord& handle = session.handles[id];
  handle.set_id(id);
  handle.set_path(node.path());
  handle.set_instance(node.stat().instance());
  handle.set_write(request.write());
  handle.set_change_acl(request.change_acl());
  *handle.mutable_events() = request.events();
  open_on_[handle.instance()].insert(id);
  owners_[id] = session.id;
  return id;
  // [end]
}

Result LockMachine::Close(Session& session, const CloseRequest& request) {
  // [solution: Close the handle, also one whose node was deleted (handout 4A, step 3).]
  const absl::StatusOr<Target> target = Look(session.client, session.id, request.handle());
  if (!target.ok() && !session.handles.contains(request.handle())) {
    return ResultOf(target.status());
  }
  const std::string path = session.handles.at(request.handle()).path();
  if (target.ok()) DropClaims(*tree_.Find(path), request.handle(), /*died=*/false);
  RemoveHandle(session, request.handle());
  GrantWaiting(path);
  return {};
  // [end]
}

void LockMachine::RemoveHandle(Session& session, std::uint64_t handle) {
  // [solution: Forget the handle (handout 4A, step 3); an ephemeral node goes with the last one
  // (section 2.3; 4B, step 3).]
  const HandleRecord record = session.handles.at(handle);
  session.handles.erase(handle);
  owners_.erase(handle);
  const auto open = open_on_.find(record.instance());
  open->second.erase(handle);
  if (!open->second.empty()) return;
  open_on_.erase(open);
  const NodeRecord* node = tree_.Find(record.path());
  const bool same = node != nullptr && node->stat().instance() == record.instance();
  if (same && node->stat().ephemeral()) RemoveNode(record.path());
  // [end]
}

void LockMachine::RemoveNode(const std::string& path) {
  // [solution: Remove it, and tell who has it open, and who watches its parent (handout 4A, step 3;
  // 4D, step 1).]
  Publish(*tree_.Find(path), HANDLE_INVALID);
  tree_.Remove(path);
  Publish(*tree_.Find(ParentOf(path)), CHILD_REMOVED, LastOf(path));
  // [end]
}

Result LockMachine::SetContents(Session& session, const SetContentsRequest& request) {
  // [solution: Replace the contents, if the generation is the one that is asked for (handout 4A,
  // step 3).]
  const absl::StatusOr<Grip> grip = Take(session, request.handle(), /*to_write=*/true);
  if (!grip.ok()) return ResultOf(grip.status());
  NodeRecord& node = *grip->node;
  if (node.stat().directory()) {
    return ResultOf(absl::FailedPreconditionError("A directory has no contents."));
  }
  if (request.contents().size() > kMostContentBytes) {
    return ResultOf(absl::InvalidArgumentError("A file has at most 262144 bytes."));
  }
  Result result;
  SetContentsResponse& response = *result.mutable_set_contents();
  const std::uint64_t generation = node.stat().content_generation();
  response.set_written(!request.has_if_generation() || request.if_generation() == generation);
  if (response.written()) {
    node.set_contents(request.contents());
    node.mutable_stat()->set_content_generation(generation + 1);
    Publish(node, CONTENTS_CHANGED);
  }
  *response.mutable_stat() = tree_.StatOf(node);
  return result;
  // [end]
}

Result LockMachine::Delete(Session& session, const DeleteRequest& request) {
  // [solution: Delete the node, unless it has children or is locked (handout 4A, step 3).]
  const absl::StatusOr<Grip> grip = Take(session, request.handle(), /*to_write=*/true);
  if (!grip.ok()) return ResultOf(grip.status());
  const NodeRecord& node = *grip->node;
  if (node.path() == tree_.root()) {
    return ResultOf(absl::FailedPreconditionError("The root stays."));
  }
  if (!tree_.ChildrenOf(node.path()).empty()) {
    return ResultOf(absl::FailedPreconditionError("The directory is not empty."));
  }
  if (!node.holders().empty() || IsDelayed(node.path())) {
    return ResultOf(absl::FailedPreconditionError("The node is locked."));
  }
  RemoveNode(std::string(node.path()));
  return {};
  // [end]
}

}  // namespace quorum::lock_service
