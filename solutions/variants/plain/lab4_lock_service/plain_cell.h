#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::lock_service {

// The state of a cell is the snapshot's message itself: whatever is wanted is looked for in it, and
// nothing is kept beside it. Who has to act on what a command has changed looks at all of it.

/// What `state` has, or null.
const SessionRecord* FindSession(const Snapshot& state, std::uint64_t id);
const NodeRecord* FindNode(const Snapshot& state, const std::string& path);
const HandleRecord* FindHandle(const SessionRecord& session, std::uint64_t id);
const Executed* FindExecuted(const SessionRecord& session, std::uint64_t number);
const LockClaim* FindHolder(const NodeRecord& node, std::uint64_t handle);

/// What a record leaves out.
std::vector<std::string> ChildrenOf(const Snapshot& state, const std::string& path);
Stat StatOf(const Snapshot& state, const NodeRecord& node);
Sequencer SequencerOf(const NodeRecord& node, const LockClaim& holder);
bool IsValid(const Snapshot& state, const Sequencer& sequencer);

/// The node of a handle, or in `why` the reason that there is none: the statuses of
/// lock_service.proto.
const NodeRecord* NodeOf(const Snapshot& state, const std::string& client, std::uint64_t session,
                         std::uint64_t handle, absl::Status& why);

Result ResultOf(const absl::Status& status);
absl::Status StatusOf(const Result& result);
/// The operation of a session that a command is; null: none.
const Call* CallOf(const Command& command);

/// Executes commands on a state.
class PlainCell {
 public:
  explicit PlainCell(const std::string& cell);

  Result Run(const Command& command);
  const Snapshot& state() const { return state_; }
  absl::Status Load(std::string_view bytes);

 private:
  // Sessions, and doing each operation once (plain_cell.cc).
  Result RunOnce(const Command& command);
  Result RunOperation(SessionRecord& session, const Command& command);
  Result CreateSession(const std::string& client, const CreateSessionCommand& command);
  Result EndSession(const std::string& client, std::uint64_t id);
  void End(std::uint64_t id, bool died);
  SessionRecord* Session(std::uint64_t id);

  // Nodes, handles and events (plain_nodes.cc).
  Result Open(SessionRecord& session, const OpenRequest& request);
  absl::Status Create(const SessionRecord& session, const OpenRequest& request);
  Result Close(SessionRecord& session, std::uint64_t handle);
  void CloseHandle(SessionRecord& session, std::uint64_t handle);
  Result SetContents(NodeRecord& node, const SetContentsRequest& request);
  Result Delete(const NodeRecord& node);
  Result SetAcl(const HandleRecord& handle, NodeRecord& node, const SetAclRequest& request);
  void Remove(const std::string& path);
  NodeRecord* Node(const std::string& path);
  void Publish(const NodeRecord& node, EventKind kind, const std::string& child = {});
  static void Tell(SessionRecord& session, const HandleRecord& handle, EventKind kind,
                   const std::string& child);
  static void Trim(SessionRecord* session, std::uint64_t up_to);

  // Locks (plain_locks.cc).
  Result Acquire(NodeRecord& node, const LockClaim& claim, bool may_wait);
  Result Release(NodeRecord& node, std::uint64_t handle);
  void GiveUp(const lock_service::GiveUp& command);
  void EndDelay(std::uint64_t id);
  bool IsDelayed(const std::string& path) const;
  bool IsFree(const NodeRecord& node, LockMode mode) const;
  void Grant(NodeRecord& node, const LockClaim& claim);
  void GrantNext(const std::string& path);
  void Drop(NodeRecord& node, std::uint64_t handle, bool died);
  void Answer(const LockClaim& claim, const AcquireResponse& answer);

  Snapshot state_;
};

}  // namespace quorum::lock_service
