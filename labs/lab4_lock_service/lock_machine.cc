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
  NotWritten("From here on commands of earlier masterships do nothing (handout 4A, step 3).");
}

template <class Request>
Result LockMachine::Once(const Command& command, const Request& request,
                         Result (LockMachine::*execute)(Session&, const Request&)) {
  NotWritten("Execute it for a session that lives and is the client's, unless it was executed "
             "before (handout 4A, step 4).");
}

absl::StatusOr<LockMachine::Target> LockMachine::Look(const std::string& client,
                                                      std::uint64_t session_id,
                                                      std::uint64_t handle) const {
  NotWritten("Find the session, its handle and the handle's node, or say what is wrong (the "
             "comment of LockService; handout 4A, step 3).");
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
  NotWritten("Save the whole state (handout 4A, step 5).");
}

absl::Status LockMachine::Restore(LogIndex index, std::string_view bytes) {
  NotWritten("Restore all of it, and what follows from it (handout 4A, step 5).");
}

}  // namespace quorum::lock_service
