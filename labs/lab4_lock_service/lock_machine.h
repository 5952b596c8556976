#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "common/log/state_machine.h"
#include "labs/lab4_lock_service/lock_service.h"
#include "labs/lab4_lock_service/sessions.h"
#include "labs/lab4_lock_service/tree.h"

namespace quorum::lock_service {

/// Hears what commands bring about besides their results. None of it may enter the state.
class MachineObserver {
 public:
  virtual ~MachineObserver() = default;
  /// An operation that waited has a result now: it is in the session's `executed`.
  virtual void OnAnswered(std::uint64_t session, std::uint64_t number) {}
  /// `claim` has begun to wait.
  virtual void OnWaits(const LockClaim& claim) {}
  virtual void OnSessionCreated(const Session& session) {}
  virtual void OnSessionEnded(std::uint64_t session) {}
  /// The session has a new event.
  virtual void OnEvent(std::uint64_t session) {}
  virtual void OnDelayBegun(const LockDelay& delay) {}
  /// See `StateMachine`.
  virtual void OnLeadership(std::uint64_t epoch) {}
  virtual void OnLeadershipLost(std::uint64_t epoch) {}
};

/// The state of a cell: a function of the commands in its log. It knows no time, no chance, and not
/// on which server it is.
class LockMachine final : public StateMachine {
 public:
  LockMachine(const std::string& cell, MachineObserver& observer);

  // StateMachine (lock_machine.cc). `Apply` returns a Result in bytes.
  std::string Apply(LogIndex index, std::string_view command) override;
  std::string Snapshot() const override;
  absl::Status Restore(LogIndex index, std::string_view snapshot) override;
  void OnLeadership(std::uint64_t epoch) override { observer_.OnLeadership(epoch); }
  void OnLeadershipLost(std::uint64_t epoch) override { observer_.OnLeadershipLost(epoch); }

  // What there is to read.
  const Tree& tree() const { return tree_; }
  const Sessions& sessions() const { return sessions_; }
  const std::map<std::uint64_t, LockDelay>& delays() const { return delays_; }
  /// What a handle of a session stands for, if `client` may use both: the statuses of
  /// lock_service.proto.
  struct Target {
    const HandleRecord* handle;
    const NodeRecord* node;
  };
  absl::StatusOr<Target> Look(const std::string& client, std::uint64_t session,
                              std::uint64_t handle) const;
  /// Whether the handle holds the lock of `node`; null: it does not.
  static const LockClaim* HolderOf(const NodeRecord& node, std::uint64_t handle);
  static Sequencer SequencerOf(const NodeRecord& node, const LockClaim& holder);
  bool IsValid(const Sequencer& sequencer) const;

  /// The last index that was applied or restored, and how many commands since `SnapshotTaken`.
  LogIndex applied() const { return applied_; }
  std::uint64_t applied_since_snapshot() const { return applied_since_snapshot_; }
  void SnapshotTaken() { applied_since_snapshot_ = 0; }

 private:
  /// A target that may be changed.
  struct Grip {
    HandleRecord* handle;
    NodeRecord* node;
  };

  // Commands, and doing each once (lock_machine.cc).
  Result Execute(const Command& command);
  Result BeginMastership(std::uint64_t epoch);
  template <class Request>
  Result Once(const Command& command, const Request& request,
              Result (LockMachine::*execute)(Session&, const Request&));
  absl::StatusOr<Grip> Take(Session& session, std::uint64_t handle, bool to_write);

  // Nodes and handles; sections 2.2, 2.3 and 2.6 (machine_nodes.cc).
  Result Open(Session& session, const OpenRequest& request);
  Result Close(Session& session, const CloseRequest& request);
  Result SetContents(Session& session, const SetContentsRequest& request);
  Result Delete(Session& session, const DeleteRequest& request);
  absl::Status CheckOpen(const OpenRequest& request) const;
  absl::StatusOr<NodeRecord*> CreateNode(const Session& session, const OpenRequest& request);
  std::uint64_t AddHandle(Session& session, const NodeRecord& node, const OpenRequest& request);
  void RemoveHandle(Session& session, std::uint64_t handle);
  void RemoveNode(const std::string& path);

  // Sessions; section 2.8 (machine_sessions.cc).
  Result CreateSession(const std::string& client, const CreateSessionCommand& command);
  Result EndSession(const std::string& client, std::uint64_t id);
  Result ExpireSession(std::uint64_t id);
  void End(Session& session, bool died);

  // Locks; section 2.4 (machine_locks.cc).
  Result Acquire(Session& session, const AcquireRequest& request);
  Result TryAcquire(Session& session, const TryAcquireRequest& request);
  Result Release(Session& session, const ReleaseRequest& request);
  Result EndLockDelay(std::uint64_t delay);
  Result GiveUp(const lock_service::GiveUp& command);
  absl::Status CheckClaim(const NodeRecord& node, const LockClaim& claim) const;
  bool IsDelayed(const std::string& path) const;
  bool MayHold(const NodeRecord& node, LockMode mode) const;
  void Grant(NodeRecord& node, const LockClaim& claim);
  void GrantWaiting(const std::string& path);
  void DropClaims(NodeRecord& node, std::uint64_t handle, bool died);
  void BeginLockDelay(const NodeRecord& node, const LockClaim& holder);
  void AnswerWaiting(const LockClaim& claim, const AcquireResponse& answer);

  // Events; section 2.5 (machine_events.cc).
  void Publish(const NodeRecord& node, EventKind kind, const std::string& child = {});
  void PublishTo(std::uint64_t session, const HandleRecord& handle, EventKind kind,
                 const std::string& child);
  void PublishConflict(const NodeRecord& node, const LockClaim& claim);
  Result TrimEvents(const lock_service::TrimEvents& command);

  // Access control; section 2.3 (machine_acl.cc).
  static bool Permits(const google::protobuf::RepeatedPtrField<std::string>& names,
                      const std::string& client);
  static absl::Status CheckAccess(const NodeRecord& node, const std::string& client,
                                  const OpenRequest& request);
  Result SetAcl(Session& session, const SetAclRequest& request);

  MachineObserver& observer_;
  const std::string cell_;
  std::uint64_t epoch_ = 0;
  std::uint64_t last_id_ = 0;
  std::uint64_t last_lock_generation_ = 0;
  Tree tree_;
  Sessions sessions_;
  std::map<std::uint64_t, LockDelay> delays_;

  // What follows from the above: the handles that are open on each instance, and whose they are.
  std::map<std::uint64_t, std::set<std::uint64_t>> open_on_;
  std::map<std::uint64_t, std::uint64_t> owners_;

  LogIndex applied_ = 0;
  std::uint64_t applied_since_snapshot_ = 0;
};

}  // namespace quorum::lock_service
