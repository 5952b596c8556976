// Commands, and doing each once; the state as a whole.
#include "labs/lab4_lock_service/lock_machine.h"

#include "common/env/check.h"
#include "common/env/not_written.h"

namespace quorum::lock_service {

LockMachine::LockMachine(const std::string& cell, MachineObserver& observer)
    : observer_(observer), cell_(cell), tree_(cell) {}

std::string LockMachine::Apply(LogIndex index, std::string_view bytes) {
  Command command;
  Check(command.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
        "A log applies commands that were proposed.");
  applied_ = index;
  ++applied_since_snapshot_;
  return Execute(command).SerializeAsString();
}

Result LockMachine::Execute(const Command& command) {
  if (command.has_new_master()) return BeginMastership(command.epoch());
  if (command.epoch() != epoch_) {
    Result result;
    result.set_superseded(true);
    return result;
  }
  switch (command.kind_case()) {
    case Command::kExpireSession:
      return ExpireSession(command.expire_session().session());
    case Command::kEndLockDelay:
      return EndLockDelay(command.end_lock_delay().delay());
    case Command::kGiveUp:
      return GiveUp(command.give_up());
    case Command::kTrimEvents:
      return TrimEvents(command.trim_events());
    case Command::kCreateSession:
      return CreateSession(command.client(), command.create_session());
    case Command::kEndSession:
      return EndSession(command.client(), command.end_session().session());
    case Command::kOpen:
      return Once(command, command.open(), &LockMachine::Open);
    case Command::kClose:
      return Once(command, command.close(), &LockMachine::Close);
    case Command::kSetContents:
      return Once(command, command.set_contents(), &LockMachine::SetContents);
    case Command::kDeleteNode:
      return Once(command, command.delete_node(), &LockMachine::Delete);
    case Command::kAcquire:
      return Once(command, command.acquire(), &LockMachine::Acquire);
    case Command::kTryAcquire:
      return Once(command, command.try_acquire(), &LockMachine::TryAcquire);
    case Command::kRelease:
      return Once(command, command.release(), &LockMachine::Release);
    case Command::kSetAcl:
      return Once(command, command.set_acl(), &LockMachine::SetAcl);
    default:
      return ResultOf(absl::InvalidArgumentError("There is no such command."));
  }
}

Result LockMachine::BeginMastership(std::uint64_t epoch) {
  // [solution: From here on commands of earlier masterships do nothing (handout 4A, step 3).]
  Result result;
  result.set_superseded(epoch <= epoch_);
  epoch_ = std::max(epoch_, epoch);
  return result;
  // [end]
}

template <class Request>
Result LockMachine::Once(const Command& command, const Request& request,
                         Result (LockMachine::*execute)(Session&, const Request&)) {
  // [solution: Execute it for a session that lives and is the client's, unless it was executed
  // before (handout 4A, step 4).]
  Session* session = sessions_.Find(request.call().session());
  if (session == nullptr) {
    return ResultOf(absl::UnauthenticatedError("The session has ended."));
  }
  if (session->client != command.client()) {
    return ResultOf(absl::PermissionDeniedError("The session is another client's."));
  }
  if (std::optional<Result> before = Sessions::Recall(*session, request.call())) return *before;
  const Result result = (this->*execute)(*session, request);
  session->executed[request.call().number()] = result;
  return result;
  // [end]
}

absl::StatusOr<LockMachine::Target> LockMachine::Look(const std::string& client,
                                                      std::uint64_t session_id,
                                                      std::uint64_t handle) const {
  // [solution: Find the session, its handle and the handle's node, or say what is wrong (the
  // comment of LockService; handout 4A, step 3).]
  const Session* session = sessions_.Find(session_id);
  if (session == nullptr) return absl::UnauthenticatedError("The session has ended.");
  if (session->client != client) {
    return absl::PermissionDeniedError("The session is another client's.");
  }
  const auto open = session->handles.find(handle);
  if (open == session->handles.end()) {
    if (owners_.contains(handle)) {
      return absl::PermissionDeniedError("The handle is another session's.");
    }
    if (handle == 0 || handle > last_id_) {
      return absl::InvalidArgumentError("There never was such a handle.");
    }
    return absl::NotFoundError("The handle is closed.");
  }
  const NodeRecord* node = tree_.Find(open->second.path());
  if (node == nullptr || node->stat().instance() != open->second.instance()) {
    return absl::NotFoundError("The node was deleted.");
  }
  return Target{&open->second, node};
  // [end]
}

absl::StatusOr<LockMachine::Grip> LockMachine::Take(Session& session, std::uint64_t handle,
                                                    bool to_write) {
  const absl::StatusOr<Target> target = Look(session.client, session.id, handle);
  if (!target.ok()) return target.status();
  if (to_write && !target->handle->write()) {
    return absl::PermissionDeniedError("The handle is not open for writing.");
  }
  return Grip{&session.handles.at(handle), tree_.Find(target->handle->path())};
}

std::string LockMachine::Snapshot() const {
  // [solution: Save the whole state (handout 4A, step 5).]
  lock_service::Snapshot snapshot;
  snapshot.set_cell(cell_);
  snapshot.set_epoch(epoch_);
  snapshot.set_last_id(last_id_);
  snapshot.set_last_lock_generation(last_lock_generation_);
  tree_.Save(snapshot);
  sessions_.Save(snapshot);
  for (const auto& [id, delay] : delays_) *snapshot.add_delays() = delay;
  return snapshot.SerializeAsString();
  // [end]
}

absl::Status LockMachine::Restore(LogIndex index, std::string_view bytes) {
  // [solution: Restore all of it, and what follows from it (handout 4A, step 5).]
  lock_service::Snapshot snapshot;
  if (!snapshot.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError("This is not a snapshot of a lock service.");
  }
  epoch_ = snapshot.epoch();
  last_id_ = snapshot.last_id();
  last_lock_generation_ = snapshot.last_lock_generation();
  tree_.Load(snapshot);
  sessions_.Load(snapshot);
  delays_.clear();
  for (const LockDelay& delay : snapshot.delays()) delays_[delay.id()] = delay;
  open_on_.clear();
  owners_.clear();
  for (const auto& [id, session] : sessions_.all()) {
    for (const auto& [handle, open] : session.handles) {
      open_on_[open.instance()].insert(handle);
      owners_[handle] = id;
    }
  }
  applied_ = index;
  applied_since_snapshot_ = 0;
  return absl::OkStatus();
  // [end]
}

}  // namespace quorum::lock_service
