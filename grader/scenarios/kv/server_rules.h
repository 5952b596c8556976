#pragma once

#include <deque>
#include <set>
#include <string>

#include "grader/scenarios/kv/rule.h"
#include "grader/scenarios/kv/statements.h"

namespace quorum::grader::kv {

/// A server's state after each command, and after each snapshot that it restores, is the one that
/// the log so far leads to. It tells which of four promises is broken when it is not: `kExecutes`,
/// `kExecutedOnce`, `kSessionsFollowLog` or `kSnapshotIsWhole`. So servers that have applied the
/// same commands are in the same state, byte for byte.
class StateFollowsLog final : public LogListener {
 public:
  StateFollowsLog(sim::World& world, const Facts& facts);
  void Applied(NodeId node, LogIndex index, std::string_view command,
               const std::string& state) override;
  void Restored(NodeId node, LogIndex index, const std::string& state) override;

 private:
  struct Seen {
    NodeId node;
    LogIndex index;
    std::string state;
    bool restored;
  };
  /// An invariant with its own statement.
  struct Promise final : Invariant {
    using Invariant::Invariant;
    using Invariant::Violated;
  };

  void See(const Seen& seen);
  void Judge(const Seen& seen);
  bool JudgeValues(const Seen& seen, const quorum::kv::Snapshot& state, const Model& model);
  bool JudgeSessions(const Seen& seen, const quorum::kv::Snapshot& state, const Model& model);

  const Facts& facts_;
  Promise executes_;
  Promise executed_once_;
  Promise sessions_;
  Promise snapshot_;
  std::deque<Seen> later_;  // ahead of what is known
};

/// What servers answer is what became of the write.
class AnswerIsOwn final : public Rule {
 public:
  AnswerIsOwn(sim::World& world, const Facts& facts) : Rule(world, kAnswerIsOwn, facts) {}
  void Answers(NodeId server, const WriteRequest& request, const WriteResponse& response) override;
};

/// A server says that a session has expired only if it has, and that an answer is forgotten only if
/// the client has said so.
class RefusesRightly final : public Rule {
 public:
  RefusesRightly(sim::World& world, const Facts& facts) : Rule(world, kSessionsFollowLog, facts) {}
  void Answers(NodeId server, const WriteRequest& request, const WriteResponse& response) override;
};

/// No part of a value is there twice: scenarios append each of them once, and end it with ';'.
class AppendedOnce final : public Rule {
 public:
  AppendedOnce(sim::World& world, const Facts& facts) : Rule(world, kAppendedOnce, facts) {}
  void Reads(NodeId node, const GetRequest& request, const GetResponse& response) override;
};

}  // namespace quorum::grader::kv
