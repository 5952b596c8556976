#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "labs/lab3_raft/kv.h"

namespace quorum::kv {

/// What the state machine remembers of clients, so that no write is executed twice (Ongaro's
/// thesis, section 6.3). All of it follows from the commands in the log.
class Sessions {
 public:
  explicit Sessions(std::uint32_t most) : most_(most) {}

  /// Opens the session `index`. If there are too many then, the one that was used least recently
  /// expires.
  void Open(LogIndex index);

  /// A write with `id` is applied at `index`: the answer to it if there is one already, or if it
  /// must not be executed. Nothing: it is to be executed now, and `Remember` to be called.
  std::optional<WriteResponse> Find(const RequestId& id, LogIndex index);

  /// Remembers the answer to a write that `Find` has found nothing for.
  void Remember(const RequestId& id, const WriteResponse& response);

  /// Adds all sessions to a snapshot.
  void Save(Snapshot& snapshot) const;
  /// Takes over the sessions of a snapshot, and forgets all others.
  void Load(const Snapshot& snapshot);

 private:
  struct Memory {
    LogIndex last_used = 0;
    std::uint64_t first_unanswered = 1;
    std::map<std::uint64_t, WriteResponse> answers;  // by sequence
  };

  std::uint32_t most_;
  std::map<std::uint64_t, Memory> open_;  // by session
};

}  // namespace quorum::kv
