#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "grader/scenarios/kv/model.h"
#include "grader/scenarios/log/tap.h"
#include "grader/sim/monitor.h"

namespace quorum::grader::kv {

/// Session and sequence of a write.
using Number = std::pair<std::uint64_t, std::uint64_t>;
inline Number NumberOf(const RequestId& id) { return {id.session(), id.sequence()}; }

/// What the log has decided, and what follows from it: known from what servers apply, whichever of
/// them is the first. Rules judge by it; it judges nothing.
class Facts final : public LogListener, public sim::Monitor {
 public:
  explicit Facts(std::uint32_t max_sessions) : max_sessions_(max_sessions), now_(max_sessions) {}

  /// Everything up to this index is known.
  LogIndex last() const { return last_; }
  /// The state after the last command that is known.
  const Model& now() const { return now_; }
  /// A hash of the state after the command at `index`, which is known; 0: there is no command.
  std::size_t DigestAt(LogIndex index) const;
  /// That state.
  Model At(LogIndex index) const;
  /// What became of the command at `index`, which is known.
  const Effect& EffectAt(LogIndex index) const { return steps_.at(index).effect; }

  /// The last snapshot that `node` has restored since it booted; 0: none.
  LogIndex restored(NodeId node) const {
    const auto found = restored_.find(node);
    return found == restored_.end() ? 0 : found->second;
  }

  /// The execution of a write; null: it is not executed.
  struct Execution {
    LogIndex index;
    WriteResponse response;
  };
  const Execution* ExecutionOf(const Number& number) const;

  // LogListener.
  void Applied(NodeId node, LogIndex index, std::string_view command,
               const std::string& state) override;
  void Restored(NodeId node, LogIndex index, const std::string& state) override;
  // sim::Monitor.
  void OnBoot(NodeId node, const sim::Disk&) override {
    at_[node] = 0;
    restored_[node] = 0;
  }

 private:
  struct Step {
    Command command;
    Effect effect;
    std::size_t digest;
  };

  void Learn();

  std::uint32_t max_sessions_;
  std::map<NodeId, LogIndex> at_;  // the last index that a node has applied or restored
  std::map<NodeId, LogIndex> restored_;
  /// Which command comes next after an index: a server that has restored a snapshot may be ahead.
  std::map<LogIndex, std::pair<LogIndex, std::string>> next_;
  LogIndex last_ = 0;
  Model now_;
  std::map<LogIndex, Step> steps_;
  std::map<Number, Execution> executions_;
};

}  // namespace quorum::grader::kv
