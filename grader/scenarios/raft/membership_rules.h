#pragma once

#include "grader/scenarios/raft/rule.h"
#include "grader/scenarios/raft/watch.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::raft {

/// Has every rule of this header watch the stage's world through `watch`.
void WatchMembershipRules(Stage& stage, Watch& watch, Ledger& ledger);

/// Judges the configurations that a leader makes: those of its own term, when they reach its disk.
class ConfigurationRule : public Rule {
 public:
  using Rule::Rule;
  void DiskChanges(NodeId node, const DiskChange& change) final;

 protected:
  /// `leader` goes over from `before`, which is at the index `before_index` of its log, to `next`.
  virtual void GoesOver(NodeId leader, LogIndex before_index, const Membership& before,
                        LogIndex index, const Membership& next) = 0;
};

/// One change at a time.
class OneChangeAtATime final : public ConfigurationRule {
 public:
  OneChangeAtATime(sim::World& world, Ledger& ledger);

 private:
  void GoesOver(NodeId leader, LogIndex before_index, const Membership& before, LogIndex index,
                const Membership& next) override;
};

/// Voters change by way of C_old,new.
class JointConsensus final : public ConfigurationRule {
 public:
  JointConsensus(sim::World& world, Ledger& ledger);

 private:
  void GoesOver(NodeId leader, LogIndex before_index, const Membership& before, LogIndex index,
                const Membership& next) override;
};

/// New servers have the log before they vote.
class LearnersCatchUp final : public ConfigurationRule {
 public:
  LearnersCatchUp(sim::World& world, Ledger& ledger);
  void Appends(const AppendMessage& message) override { Calls(message.to); }
  void SendsSnapshot(const SnapshotMessage& message) override { Calls(message.to); }

 private:
  void GoesOver(NodeId leader, LogIndex before_index, const Membership& before, LogIndex index,
                const Membership& next) override;
  void Calls(NodeId server) { called_.try_emplace(server, ledger().committed_up_to()); }

  std::map<NodeId, LogIndex> called_;  // what was committed when a leader first called it
};

/// A snapshot has the configuration of the log that it replaces.
class SnapshotHasConfiguration final : public Rule {
 public:
  SnapshotHasConfiguration(sim::World& world, Ledger& ledger);
  void DiskChanges(NodeId node, const DiskChange& change) override;
  void SendsSnapshot(const SnapshotMessage& message) override;

 private:
  void Judge(NodeId node, const char* has, LogIndex index, const MembershipPtr& membership);
};

/// Who has never been a voter does not stand for election.
class VotersStand final : public Rule {
 public:
  VotersStand(sim::World& world, Ledger& ledger);
  void Stands(NodeId from, Term term, const Candidacy& candidacy) override;
  void DiskChanged(NodeId node, const DiskChange& change) override;

 private:
  std::set<NodeId> voters_;  // servers whose disks have named them so
};

}  // namespace quorum::grader::raft
