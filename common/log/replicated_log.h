#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/env/env.h"
#include "common/env/node_config.pb.h"
#include "common/log/state_machine.h"

namespace quorum {

/// How a proposal ended, as far as the proposer can tell.
struct ProposeOutcome {
  enum class Kind {
    kApplied,    ///< decided at `index` and applied here; `result` is what `Apply` returned
    kNotLeader,  ///< not proposed: this node does not lead; `leader_hint` may
    kUnknown,    ///< leadership was lost first: it may be decided, now or later, or never
  };
  Kind kind = Kind::kUnknown;
  LogIndex index = 0;
  std::string result = {};
  NodeId leader_hint = 0;  ///< 0: unknown
};

/// A log that a majority of nodes keeps, each applying the same commands in the same order to its
/// own `StateMachine`. Multi-Paxos (lab 2) and Raft (lab 3) both offer it.
class ReplicatedLog {
 public:
  virtual ~ReplicatedLog() = default;

  /// Asks for `command` to be decided. `done` is called at most once (never after the log is
  /// destroyed). After kUnknown a caller may propose again, and the command may then be decided
  /// twice: whoever needs exactly-once execution numbers its commands above the log.
  virtual void Propose(std::string_view command,
                       absl::AnyInvocable<void(const ProposeOutcome&)> done) = 0;

  /// Calls `done` with OK once this node has confirmed with a quorum that it still leads, and has
  /// applied everything that was decided before the call: a read of the state is then linearizable.
  /// UNAVAILABLE: it does not lead, or could not confirm it (Ongaro's thesis, section 6.4).
  virtual void ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) = 0;

  /// The state machine's caller holds a snapshot up to `index`: entries up to it may be discarded.
  virtual void DiscardUpTo(LogIndex index, std::string snapshot) = 0;

  /// Who leads, as far as this node knows; 0 when it does not know.
  virtual NodeId leader() const = 0;
};

/// Makes a log over the storage and network of `env` that drives `machine`, which outlives it.
using ReplicatedLogFactory = std::unique_ptr<ReplicatedLog> (*)(Env& env, const NodeConfig& config,
                                                                StateMachine& machine);

}  // namespace quorum
