#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/log/state_machine.h"
#include "labs/lab3_raft/kv.h"
#include "labs/lab3_raft/kv_sessions.h"

namespace quorum::kv {

/// The keys and their values, and the sessions: a function of the commands in the log.
class Machine final : public StateMachine {
 public:
  explicit Machine(std::uint32_t max_sessions) : sessions_(max_sessions) {}

  /// Returns an `OpenSessionResponse` or a `WriteResponse` in bytes, as the command was.
  std::string Apply(LogIndex index, std::string_view command) override;
  std::string Snapshot() const override;
  absl::Status Restore(LogIndex index, std::string_view snapshot) override;

  /// The value of `key`; nothing: it is absent.
  std::optional<std::string> Get(const std::string& key) const;

  /// The last index that was applied or restored.
  LogIndex applied() const { return applied_; }
  /// How many commands were applied since `SnapshotTaken`, or since a snapshot was restored.
  std::uint64_t applied_since_snapshot() const { return applied_since_snapshot_; }
  void SnapshotTaken() { applied_since_snapshot_ = 0; }

 private:
  WriteResponse Write(const WriteRequest& request, LogIndex index);
  WriteResponse Execute(const WriteRequest& request);

  std::map<std::string, std::string> values_;
  Sessions sessions_;
  LogIndex applied_ = 0;
  std::uint64_t applied_since_snapshot_ = 0;
};

}  // namespace quorum::kv
