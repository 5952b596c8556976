#include "grader/scenarios/lock_service/acts.h"

namespace quorum::grader::locks {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

lock::AcquireRequest Acquiring(std::uint64_t handle, lock::LockMode mode, sim::SimTime patience) {
  lock::AcquireRequest request;
  request.set_handle(handle);
  request.set_mode(mode);
  request.set_patience_ns(patience);
  return request;
}

Acquired BeginAcquire(LockRoom& room, NodeId client, std::uint64_t handle, lock::LockMode mode,
                      sim::SimTime patience) {
  return room.Begin(client, user::kAcquire, Acquiring(handle, mode, patience));
}

bool HasIt(const Acquired& acquired) {
  return acquired->answer && acquired->answer->ok() && (*acquired->answer)->acquired();
}

void Release(LockRoom& room, NodeId client, std::uint64_t handle) {
  lock::ReleaseRequest request;
  request.set_handle(handle);
  room.Demand(client, user::kRelease, request);
}

void Close(LockRoom& room, NodeId client, std::uint64_t handle) {
  lock::CloseRequest request;
  request.set_handle(handle);
  room.Demand(client, user::kClose, request);
}

lock::OpenRequest Opening(const std::string& path, bool write, bool change_acl) {
  lock::OpenRequest request;
  request.set_path(path);
  request.set_write(write);
  request.set_change_acl(change_acl);
  return request;
}

bool IsValid(LockRoom& room, NodeId client, const lock::Sequencer& sequencer) {
  lock::CheckSequencerRequest request;
  *request.mutable_sequencer() = sequencer;
  return room.Demand(client, user::kCheckSequencer, request).valid();
}

bool Exists(LockRoom& room, NodeId client, const std::string& path) {
  const std::uint64_t handle = room.Demand(client, user::kOpen, Opening(path, false)).handle();
  if (handle == 0) return false;
  Close(room, client, handle);
  return true;
}

void AskWhatItBelieves(LockRoom& room, NodeId client, std::uint64_t handle) {
  lock::HoldsLockRequest holds;
  holds.set_handle(handle);
  room.Begin(client, user::kHoldsLock, holds);
  lock::GetContentsAndStatRequest read;
  read.set_handle(handle);
  room.Begin(client, user::kGetContentsAndStat, read);
  room.Begin(client, user::kGetSession, lock::GetSessionRequest());
}

bool AwaitEnd(LockRoom& room, std::uint64_t session) {
  return room.world().RunUntil([&] { return FindSession(room.cell().state(), session) == nullptr; },
                               60 * kSecond);
}

}  // namespace quorum::grader::locks
