#pragma once

#include "grader/scenarios/paxos/rule.h"
#include "grader/scenarios/paxos/watch.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::paxos {

/// Has the rules of this header watch too.
void WatchLogRules(Stage& stage, Watch& watch, Ledger& ledger);

/// Each node applies what was chosen, slot by slot.
class AppliedInOrder final : public Rule {
 public:
  AppliedInOrder(sim::World& world, Ledger& ledger);
  void Applied(NodeId node, Slot slot, std::string_view command, const std::string& state) override;
  void Restored(NodeId node, Slot slot, const std::string& state) override;
  void OnBoot(NodeId node, const sim::Disk& disk) override { last_[node] = 0; }

 private:
  std::map<NodeId, Slot> last_;
};

/// At the same slot all nodes are in the same state.
class SameState final : public Rule {
 public:
  SameState(sim::World& world, Ledger& ledger);
  void Applied(NodeId node, Slot slot, std::string_view command, const std::string& state) override;
  void Restored(NodeId node, Slot slot, const std::string& state) override;

 private:
  struct Seen {
    std::size_t digest;
    NodeId node;
  };
  void Judge(NodeId node, Slot slot, const std::string& state);

  std::map<Slot, Seen> seen_;
};

/// A client is told of its own command.
class AnswerIsOwn final : public Rule {
 public:
  AnswerIsOwn(sim::World& world, Ledger& ledger);
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;

 private:
  std::map<std::uint64_t, std::string> asked_;  // by operation
};

}  // namespace quorum::grader::paxos
