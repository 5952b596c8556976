// The state machine of another shape: sessions, and doing each of their operations once.
#include "plain_cell.h"

#include <algorithm>
#include <set>

#include "labs/lab4_lock_service/names.h"

namespace quorum::lock_service {
namespace {

constexpr std::uint64_t kMostUnderWay = 64;

template <class Records, class Is>
auto* Search(Records& records, const Is& is) {
  const auto found = std::find_if(records.begin(), records.end(), is);
  return found == records.end() ? nullptr : &*found;
}

/// The handle that an operation is about; 0: it has none.
std::uint64_t HandleOf(const Command& command) {
  if (command.has_set_contents()) return command.set_contents().handle();
  if (command.has_delete_node()) return command.delete_node().handle();
  if (command.has_acquire()) return command.acquire().handle();
  if (command.has_try_acquire()) return command.try_acquire().handle();
  if (command.has_release()) return command.release().handle();
  return command.set_acl().handle();
}

template <class Request>
LockClaim ClaimOf(const Request& request) {
  LockClaim claim;
  claim.set_session(request.call().session());
  claim.set_handle(request.handle());
  claim.set_mode(request.mode());
  claim.set_lock_delay_ns(request.lock_delay_ns());
  claim.set_number(request.call().number());
  return claim;
}

}  // namespace

const SessionRecord* FindSession(const Snapshot& state, std::uint64_t id) {
  return Search(state.sessions(), [&](const auto& session) { return session.id() == id; });
}

const NodeRecord* FindNode(const Snapshot& state, const std::string& path) {
  return Search(state.nodes(), [&](const auto& node) { return node.path() == path; });
}

const HandleRecord* FindHandle(const SessionRecord& session, std::uint64_t id) {
  return Search(session.handles(), [&](const auto& handle) { return handle.id() == id; });
}

const Executed* FindExecuted(const SessionRecord& session, std::uint64_t number) {
  return Search(session.executed(), [&](const auto& one) { return one.number() == number; });
}

const LockClaim* FindHolder(const NodeRecord& node, std::uint64_t handle) {
  return Search(node.holders(), [&](const auto& holder) { return holder.handle() == handle; });
}

const NodeRecord* NodeOf(const Snapshot& state, const std::string& client, std::uint64_t session_id,
                         std::uint64_t handle, absl::Status& why) {
  const SessionRecord* session = FindSession(state, session_id);
  why = absl::UnauthenticatedError("There is no such session.");
  if (session == nullptr) return nullptr;
  why = absl::PermissionDeniedError("This is the session or the handle of somebody else.");
  if (session->client() != client) return nullptr;
  const HandleRecord* open = FindHandle(*session, handle);
  if (open == nullptr) {
    for (const SessionRecord& other : state.sessions()) {
      if (FindHandle(other, handle) != nullptr) return nullptr;
    }
    const bool was = handle != 0 && handle <= state.last_id();
    why = was ? absl::NotFoundError("That handle is closed.")
              : absl::InvalidArgumentError("That handle was never given out.");
    return nullptr;
  }
  const NodeRecord* node = FindNode(state, open->path());
  why = absl::OkStatus();
  if (node != nullptr && node->stat().instance() == open->instance()) return node;
  why = absl::NotFoundError("The node is gone.");
  return nullptr;
}

Result ResultOf(const absl::Status& status) {
  Result result;
  result.set_code(static_cast<int>(status.code()));
  result.set_message(std::string(status.message()));
  return result;
}

absl::Status StatusOf(const Result& result) {
  return {static_cast<absl::StatusCode>(result.code()), result.message()};
}

const Call* CallOf(const Command& command) {
  if (command.has_open()) return &command.open().call();
  if (command.has_close()) return &command.close().call();
  if (command.has_set_contents()) return &command.set_contents().call();
  if (command.has_delete_node()) return &command.delete_node().call();
  if (command.has_acquire()) return &command.acquire().call();
  if (command.has_try_acquire()) return &command.try_acquire().call();
  if (command.has_release()) return &command.release().call();
  if (command.has_set_acl()) return &command.set_acl().call();
  return nullptr;
}

PlainCell::PlainCell(const std::string& cell) {
  state_.set_cell(cell);
  NodeRecord& root = *state_.add_nodes();
  root.set_path(RootOf(cell));
  root.mutable_stat()->set_directory(true);
}

absl::Status PlainCell::Load(std::string_view bytes) {
  if (state_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return absl::OkStatus();
  return absl::InvalidArgumentError("These bytes are no state of a cell.");
}

SessionRecord* PlainCell::Session(std::uint64_t id) {
  return const_cast<SessionRecord*>(FindSession(state_, id));
}

Result PlainCell::Run(const Command& command) {
  Result result;
  if (command.has_new_master()) {
    result.set_superseded(command.epoch() <= state_.epoch());
    state_.set_epoch(std::max(command.epoch(), state_.epoch()));
    return result;
  }
  result.set_superseded(command.epoch() != state_.epoch());
  if (result.superseded()) return result;
  switch (command.kind_case()) {
    case Command::kExpireSession:
      End(command.expire_session().session(), /*died=*/true);
      return {};
    case Command::kEndLockDelay:
      EndDelay(command.end_lock_delay().delay());
      return {};
    case Command::kGiveUp:
      GiveUp(command.give_up());
      return {};
    case Command::kTrimEvents:
      Trim(Session(command.trim_events().session()), command.trim_events().up_to());
      return {};
    case Command::kCreateSession:
      return CreateSession(command.client(), command.create_session());
    case Command::kEndSession:
      return EndSession(command.client(), command.end_session().session());
    default:
      return RunOnce(command);
  }
}

Result PlainCell::RunOnce(const Command& command) {
  const Call* call = CallOf(command);
  if (call == nullptr) return ResultOf(absl::InvalidArgumentError("Nobody knows this command."));
  SessionRecord* session = Session(call->session());
  if (session == nullptr) {
    return ResultOf(absl::UnauthenticatedError("There is no such session."));
  }
  if (session->client() != command.client()) {
    return ResultOf(absl::PermissionDeniedError("This is somebody else's session."));
  }
  if (call->number() == 0 || call->answered_below() == 0) {
    return ResultOf(absl::InvalidArgumentError("Numbers of operations are positive."));
  }
  auto& executed = *session->mutable_executed();
  const std::uint64_t below = std::max(session->answered_below(), call->answered_below());
  session->set_answered_below(below);
  while (!executed.empty() && executed[0].number() < below) executed.DeleteSubrange(0, 1);
  if (call->number() < below) return ResultOf(absl::AbortedError("It was answered before."));
  if (const Executed* before = FindExecuted(*session, call->number())) return before->result();
  if (call->number() >= below + kMostUnderWay) {
    return ResultOf(absl::ResourceExhaustedError("Too many operations are under way."));
  }
  const Result result = RunOperation(*session, command);
  Executed& last = *executed.Add();
  last.set_number(call->number());
  *last.mutable_result() = result;
  for (int i = executed.size() - 1; i > 0 && executed[i].number() < executed[i - 1].number(); --i) {
    executed.SwapElements(i, i - 1);
  }
  return result;
}

Result PlainCell::RunOperation(SessionRecord& session, const Command& command) {
  if (command.has_open()) return Open(session, command.open());
  if (command.has_close()) return Close(session, command.close().handle());
  absl::Status why;
  const std::uint64_t handle = HandleOf(command);
  const NodeRecord* found = NodeOf(state_, session.client(), session.id(), handle, why);
  if (found == nullptr) return ResultOf(why);
  NodeRecord& node = *Node(found->path());
  const HandleRecord& open = *FindHandle(session, handle);
  if (command.has_release()) return Release(node, handle);
  if (command.has_set_acl()) return SetAcl(open, node, command.set_acl());
  if (!open.write()) {
    return ResultOf(absl::PermissionDeniedError("This handle is for reading only."));
  }
  if (command.has_set_contents()) return SetContents(node, command.set_contents());
  if (command.has_delete_node()) return Delete(node);
  if (command.has_try_acquire()) return Acquire(node, ClaimOf(command.try_acquire()), false);
  LockClaim claim = ClaimOf(command.acquire());
  claim.set_patience_ns(command.acquire().patience_ns());
  return Acquire(node, claim, /*may_wait=*/true);
}

Result PlainCell::CreateSession(const std::string& client, const CreateSessionCommand& command) {
  Result result;
  CreateSessionResponse& response = *result.mutable_create_session();
  for (const SessionRecord& session : state_.sessions()) {
    if (session.client() != client || session.attempt() != command.attempt()) continue;
    response.set_session(session.id());
    return result;
  }
  state_.set_last_id(state_.last_id() + 1);
  SessionRecord& session = *state_.add_sessions();
  session.set_id(state_.last_id());
  session.set_client(client);
  session.set_attempt(command.attempt());
  session.set_lease_ns(command.lease_ns());
  session.set_answered_below(1);
  response.set_session(session.id());
  response.set_lease_ns(session.lease_ns());
  return result;
}

Result PlainCell::EndSession(const std::string& client, std::uint64_t id) {
  const SessionRecord* session = FindSession(state_, id);
  if (session == nullptr) {
    return ResultOf(absl::UnauthenticatedError("There is no such session."));
  }
  if (session->client() != client) {
    return ResultOf(absl::PermissionDeniedError("This is somebody else's session."));
  }
  End(id, /*died=*/false);
  return {};
}

void PlainCell::End(std::uint64_t id, bool died) {
  SessionRecord* session = Session(id);
  if (session == nullptr) return;
  std::set<std::string> paths;
  for (NodeRecord& node : *state_.mutable_nodes()) {
    for (const HandleRecord& handle : session->handles()) {
      if (handle.path() != node.path() || handle.instance() != node.stat().instance()) continue;
      Drop(node, handle.id(), died);
      paths.insert(node.path());
    }
  }
  while (session->handles_size() > 0) CloseHandle(*session, session->handles(0).id());
  auto& sessions = *state_.mutable_sessions();
  for (int i = 0; i < sessions.size(); ++i) {
    if (sessions[i].id() == id) sessions.DeleteSubrange(i--, 1);
  }
  for (const std::string& path : paths) GrantNext(path);
}

}  // namespace quorum::lock_service
