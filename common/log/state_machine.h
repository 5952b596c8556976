#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace quorum {

/// The position of a command in a replicated log; the first one is 1.
using LogIndex = std::uint64_t;

/// What a replicated log drives: a state that is a function of the commands applied to it, and of
/// nothing else. No clock, no randomness and no order of an unordered container may enter it, or
/// replicas drift apart (Schneider, "Implementing fault-tolerant services using the state machine
/// approach", 1990).
class StateMachine {
 public:
  virtual ~StateMachine() = default;

  /// Applies the command that was decided at `index` and returns its result. Called once for each
  /// command, in ascending order of `index`; indices that the log used for itself are left out.
  virtual std::string Apply(LogIndex index, std::string_view command) = 0;

  /// The whole state as of the last `Apply`, as bytes that `Restore` accepts.
  virtual std::string Snapshot() const = 0;

  /// Replaces the state by that of `snapshot`, which covers every command up to `index`.
  virtual absl::Status Restore(LogIndex index, std::string_view snapshot) = 0;

  /// This node leads, in the leadership numbered `epoch`, and has applied an entry of its own in
  /// it: the state holds everything that was decided before. Epochs rise from leader to leader.
  virtual void OnLeadership(std::uint64_t epoch) {}

  /// The leadership announced last has ended, as far as this node knows.
  virtual void OnLeadershipLost(std::uint64_t epoch) {}
};

}  // namespace quorum
