// The state machine of another shape: nodes, handles and events.
#include <algorithm>

#include "labs/lab4_lock_service/names.h"
#include "plain_cell.h"

namespace quorum::lock_service {
namespace {

constexpr int kMostEventsKept = 1000;

bool Admits(const google::protobuf::RepeatedPtrField<std::string>& names,
            const std::string& client) {
  return names.empty() || std::count(names.begin(), names.end(), client) > 0;
}

absl::Status Sensible(const OpenRequest& request, const std::string& root) {
  if (absl::Status path = CheckPath(request.path(), root); !path.ok()) return path;
  if (request.contents().size() > kMostContentBytes) {
    return absl::InvalidArgumentError("So much does not go into a file.");
  }
  if (request.directory() && (request.ephemeral() || !request.contents().empty())) {
    return absl::InvalidArgumentError("A directory stays, and has nothing but children in it.");
  }
  return absl::OkStatus();
}

absl::Status Admitted(const NodeRecord& node, const std::string& client,
                      const OpenRequest& request) {
  const Acl& acl = node.acl();
  const bool admitted = Admits(acl.readers(), client) &&
                        (!request.write() || Admits(acl.writers(), client)) &&
                        (!request.change_acl() || Admits(acl.changers(), client));
  if (admitted) return absl::OkStatus();
  return absl::PermissionDeniedError("The node's ACL does not admit you in this way.");
}

}  // namespace

std::vector<std::string> ChildrenOf(const Snapshot& state, const std::string& path) {
  std::vector<std::string> children;
  for (const NodeRecord& node : state.nodes()) {
    const bool below = node.path().size() > path.size() && ParentOf(node.path()) == path;
    if (below) children.push_back(LastOf(node.path()));
  }
  std::sort(children.begin(), children.end());
  return children;
}

Stat StatOf(const Snapshot& state, const NodeRecord& node) {
  Stat stat = node.stat();
  stat.set_size(node.contents().size());
  stat.set_checksum(ChecksumOf(node.contents()));
  stat.set_children(static_cast<std::uint32_t>(ChildrenOf(state, node.path()).size()));
  return stat;
}

NodeRecord* PlainCell::Node(const std::string& path) {
  return const_cast<NodeRecord*>(FindNode(state_, path));
}

Result PlainCell::Open(SessionRecord& session, const OpenRequest& request) {
  absl::Status status = Sensible(request, RootOf(state_.cell()));
  if (!status.ok()) return ResultOf(status);
  Result result;
  OpenResponse& response = *result.mutable_open();
  const bool creates = request.create() != OpenRequest::MUST_EXIST;
  const bool there = FindNode(state_, request.path()) != nullptr;
  if (!there && !creates) return result;
  if (there && request.create() == OpenRequest::MUST_CREATE) {
    return ResultOf(absl::AlreadyExistsError("The name is taken."));
  }
  status =
      there ? Admitted(*Node(request.path()), session.client(), request) : Create(session, request);
  if (!status.ok()) return ResultOf(status);
  const NodeRecord& node = *Node(request.path());
  state_.set_last_id(state_.last_id() + 1);
  HandleRecord& handle = *session.add_handles();
  handle.set_id(state_.last_id());
  handle.set_path(node.path());
  handle.set_instance(node.stat().instance());
  handle.set_write(request.write());
  handle.set_change_acl(request.change_acl());
  *handle.mutable_events() = request.events();
  response.set_handle(handle.id());
  response.set_created(!there);
  *response.mutable_stat() = StatOf(state_, node);
  return result;
}

absl::Status PlainCell::Create(const SessionRecord& session, const OpenRequest& request) {
  const NodeRecord* parent = FindNode(state_, ParentOf(request.path()));
  if (parent == nullptr || !parent->stat().directory()) {
    return absl::FailedPreconditionError("Its parent is no directory.");
  }
  if (!Admits(parent->acl().writers(), session.client())) {
    return absl::PermissionDeniedError("You may make nothing in this directory.");
  }
  state_.set_last_id(state_.last_id() + 1);
  auto& nodes = *state_.mutable_nodes();
  NodeRecord& node = *nodes.Add();
  node.set_path(request.path());
  node.mutable_stat()->set_instance(state_.last_id());
  node.mutable_stat()->set_directory(request.directory());
  node.mutable_stat()->set_ephemeral(request.ephemeral());
  node.mutable_stat()->set_content_generation(request.directory() ? 0 : 1);
  node.set_contents(request.contents());
  *node.mutable_acl() = request.has_acl() ? request.acl() : parent->acl();
  for (int i = nodes.size() - 1; i > 0 && nodes[i].path() < nodes[i - 1].path(); --i) {
    nodes.SwapElements(i, i - 1);
  }
  Publish(*parent, CHILD_ADDED, LastOf(request.path()));
  return absl::OkStatus();
}

Result PlainCell::Close(SessionRecord& session, std::uint64_t handle) {
  absl::Status why;
  const NodeRecord* node = NodeOf(state_, session.client(), session.id(), handle, why);
  const HandleRecord* open = FindHandle(session, handle);
  if (open == nullptr) return ResultOf(why);
  const std::string path = open->path();
  if (node != nullptr) Drop(*Node(path), handle, /*died=*/false);
  CloseHandle(session, handle);
  GrantNext(path);
  return {};
}

void PlainCell::CloseHandle(SessionRecord& session, std::uint64_t handle) {
  const HandleRecord closed = *FindHandle(session, handle);
  auto& handles = *session.mutable_handles();
  for (int i = 0; i < handles.size(); ++i) {
    if (handles[i].id() == handle) handles.DeleteSubrange(i--, 1);
  }
  for (const SessionRecord& other : state_.sessions()) {
    for (const HandleRecord& open : other.handles()) {
      if (open.instance() == closed.instance() && open.path() == closed.path()) return;
    }
  }
  const NodeRecord* node = FindNode(state_, closed.path());
  const bool goes =
      node != nullptr && node->stat().ephemeral() && node->stat().instance() == closed.instance();
  if (goes) Remove(closed.path());
}

Result PlainCell::SetContents(NodeRecord& node, const SetContentsRequest& request) {
  if (node.stat().directory()) {
    return ResultOf(absl::FailedPreconditionError("This is a directory."));
  }
  if (request.contents().size() > kMostContentBytes) {
    return ResultOf(absl::InvalidArgumentError("So much does not go into a file."));
  }
  const std::uint64_t generation = node.stat().content_generation();
  const bool writes = !request.has_if_generation() || request.if_generation() == generation;
  if (writes) {
    node.set_contents(request.contents());
    node.mutable_stat()->set_content_generation(generation + 1);
    Publish(node, CONTENTS_CHANGED);
  }
  Result result;
  result.mutable_set_contents()->set_written(writes);
  *result.mutable_set_contents()->mutable_stat() = StatOf(state_, node);
  return result;
}

Result PlainCell::Delete(const NodeRecord& node) {
  const bool stays = node.path() == RootOf(state_.cell()) || node.holders_size() > 0 ||
                     IsDelayed(node.path()) || !ChildrenOf(state_, node.path()).empty();
  if (stays) {
    return ResultOf(absl::FailedPreconditionError("It is the root, locked, or has children."));
  }
  Remove(std::string(node.path()));
  return {};
}

Result PlainCell::SetAcl(const HandleRecord& handle, NodeRecord& node,
                         const SetAclRequest& request) {
  if (!handle.change_acl()) {
    return ResultOf(absl::PermissionDeniedError("This handle does not serve for that."));
  }
  *node.mutable_acl() = request.acl();
  node.mutable_stat()->set_acl_generation(node.stat().acl_generation() + 1);
  Result result;
  *result.mutable_set_acl()->mutable_stat() = StatOf(state_, node);
  return result;
}

void PlainCell::Remove(const std::string& path) {
  Publish(*Node(path), HANDLE_INVALID);
  auto& nodes = *state_.mutable_nodes();
  for (int i = 0; i < nodes.size(); ++i) {
    if (nodes[i].path() == path) nodes.DeleteSubrange(i--, 1);
  }
  Publish(*Node(ParentOf(path)), CHILD_REMOVED, LastOf(path));
}

void PlainCell::Publish(const NodeRecord& node, EventKind kind, const std::string& child) {
  for (SessionRecord& session : *state_.mutable_sessions()) {
    for (const HandleRecord& handle : session.handles()) {
      const bool same = handle.path() == node.path() && handle.instance() == node.stat().instance();
      if (same) Tell(session, handle, kind, child);
    }
  }
}

void PlainCell::Tell(SessionRecord& session, const HandleRecord& handle, EventKind kind,
                     const std::string& child) {
  const auto& wishes = handle.events();
  if (kind != HANDLE_INVALID && std::count(wishes.begin(), wishes.end(), kind) == 0) return;
  session.set_last_event(session.last_event() + 1);
  const bool lost = session.events_size() >= kMostEventsKept;
  if (lost) session.clear_events();
  Event& event = *session.add_events();
  event.set_number(session.last_event());
  event.set_kind(lost ? EVENTS_LOST : kind);
  if (lost) return;
  event.set_handle(handle.id());
  event.set_path(handle.path());
  event.set_child(child);
}

void PlainCell::Trim(SessionRecord* session, std::uint64_t up_to) {
  if (session == nullptr) return;
  auto& events = *session->mutable_events();
  int arrived = 0;
  while (arrived < events.size() && events[arrived].number() <= up_to) ++arrived;
  events.DeleteSubrange(0, arrived);
}

}  // namespace quorum::lock_service
