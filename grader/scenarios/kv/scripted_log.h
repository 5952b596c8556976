#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "common/log/replicated_log.h"

namespace quorum::grader::kv {

/// A replicated log that the scenario plays itself: what it has decided outlives its node, and it
/// does with proposals what it is told to.
struct Script {
  enum class Mode {
    kDecide,       ///< decides each command and says so
    kDecideTwice,  ///< the same, but the command is in the log twice
    kDecideLater,  ///< says that the outcome is unknown, and decides the command a little later
    kLose,         ///< says that the outcome is unknown, and never decides the command
    kRefuse,       ///< says that it does not lead, and that `hint` may
  };
  Mode mode = Mode::kDecide;
  NodeId hint = 0;
  bool confirms_reads = true;
  /// Before it confirms the next read it decides this command, as if it had been on its way; empty:
  /// nothing.
  std::string before_read = {};

  std::map<LogIndex, std::string> decided = {};  ///< behind the snapshot
  LogIndex last = 0;
  LogIndex snapshot_index = 0;
  std::string snapshot = {};
  int proposals = 0;
};

/// A `ReplicatedLogFactory`: plays `*script`, of which there is one at a time.
std::unique_ptr<ReplicatedLog> MakeScriptedLog(Env& env, const NodeConfig& config,
                                               StateMachine& machine);
/// From now on this one.
void SetScript(Script* script);

}  // namespace quorum::grader::kv
