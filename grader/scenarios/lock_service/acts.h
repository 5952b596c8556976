#pragma once

#include <memory>

#include "grader/scenarios/lock_service/lock_room.h"

namespace quorum::grader::locks {

// What users of the library do in many scenarios.

quorum::lock_service::AcquireRequest Acquiring(std::uint64_t handle,
                                               quorum::lock_service::LockMode mode,
                                               sim::SimTime patience = 0);

using Acquired = std::shared_ptr<const LockRoom::Pending<quorum::lock_service::AcquireResponse>>;
/// Begins to wait for a lock.
Acquired BeginAcquire(LockRoom& room, NodeId client, std::uint64_t handle,
                      quorum::lock_service::LockMode mode, sim::SimTime patience = 0);
/// Whether the answer has come, and says that the lock was acquired.
bool HasIt(const Acquired& acquired);

void Release(LockRoom& room, NodeId client, std::uint64_t handle);
void Close(LockRoom& room, NodeId client, std::uint64_t handle);
/// To open what is there.
quorum::lock_service::OpenRequest Opening(const std::string& path, bool write,
                                          bool change_acl = false);
bool IsValid(LockRoom& room, NodeId client, const quorum::lock_service::Sequencer& sequencer);
/// Whether there is a node, as `client` is told.
bool Exists(LockRoom& room, NodeId client, const std::string& path);

/// Asks what the library can answer by itself, and does not wait for the answers: rules judge them.
void AskWhatItBelieves(LockRoom& room, NodeId client, std::uint64_t handle);

/// Lets time pass until a session has ended in the cell; false: it never did.
bool AwaitEnd(LockRoom& room, std::uint64_t session);

}  // namespace quorum::grader::locks
