#pragma once

#include <map>
#include <string>

#include "grader/check/invariant.h"
#include "grader/scenarios/log/decided_log.h"
#include "grader/scenarios/log/tap.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader {

/// How the paper that a log follows states what every replicated log promises.
struct LogStatements {
  Statement applied_in_order;
  Statement same_state;
  Statement answer_is_own;
  Statement progress;
  Statement linearizable;
};

/// Has the rules of this header watch the stage's world, and hear what `tap` passes on.
void WatchLogRules(Stage& stage, Tap& tap, const DecidedLog& decided,
                   const LogStatements& statements);

/// Each node applies what was decided, index by index.
class AppliedInOrder final : public Invariant, public LogListener {
 public:
  AppliedInOrder(sim::World& world, const Statement& statement, const DecidedLog& decided);
  void Applied(NodeId node, LogIndex index, std::string_view command,
               const std::string& state) override;
  void Restored(NodeId node, LogIndex index, const std::string& state) override;
  void OnBoot(NodeId node, const sim::Disk& disk) override { last_[node] = 0; }

 private:
  const DecidedLog& decided_;
  std::map<NodeId, LogIndex> last_;
};

/// At the same index all nodes are in the same state.
class SameState final : public Invariant, public LogListener {
 public:
  SameState(sim::World& world, const Statement& statement);
  void Applied(NodeId node, LogIndex index, std::string_view command,
               const std::string& state) override;
  void Restored(NodeId node, LogIndex index, const std::string& state) override;

 private:
  struct Seen {
    std::size_t digest;
    NodeId node;
  };
  void Judge(NodeId node, LogIndex index, const std::string& state);

  std::map<LogIndex, Seen> seen_;
};

/// A client is told of its own command.
class AnswerIsOwn final : public Invariant {
 public:
  AnswerIsOwn(sim::World& world, const Statement& statement, const DecidedLog& decided);
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;

 private:
  const DecidedLog& decided_;
  std::map<std::uint64_t, std::string> asked_;  // by operation
};

}  // namespace quorum::grader
