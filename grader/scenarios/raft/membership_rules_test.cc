// Every rule of membership change, shown a trace in which it is broken, and one in which it only
// looks so.

#include "grader/scenarios/raft/membership_rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

namespace quorum::grader::raft {
namespace {

const Membership kOld = {.voters = {1, 2, 3}};
const Membership kJoint = {.voters = {1, 2, 3}, .new_voters = {1, 2, 4}};
const Membership kNew = {.voters = {1, 2, 4}};

/// Server 1 leads term 1 among servers 1 to 3.
class MembershipRulesTest : public ::testing::Test {
 protected:
  MembershipRulesTest() : world_(sim::WorldOptions{.seed = 1, .budget = {}}), ledger_(kOld) {
    for (NodeId node = 1; node <= 4; ++node) {
      NodeConfig config;
      config.set_self(node);
      world_.AddMachine(
          "node", [](Env&, const NodeConfig&) { return std::make_unique<Node>(); }, config);
      world_.Boot(node);
    }
    server(1).term = 1;
    server(1).voted_for = 1;
    ledger_.leaders()[1] = 1;
  }

  template <class R>
  std::string Broken(const std::function<void(R&)>& happens) {
    R rule(world_, ledger_);
    happens(rule);
    return world_.failure() ? world_.failure()->name : "";
  }
  ServerRecord& server(NodeId node) { return ledger_.server(node); }
  static LogEntry Of(const Membership& membership) {
    return {1, "", std::make_shared<const Membership>(membership)};
  }
  /// The leader writes this configuration at `index`.
  static DiskChange Makes(LogIndex index, const Membership& membership) {
    DiskChange change;
    change.entries[index] = Of(membership);
    return change;
  }
  /// It has it on its disk; committed or not.
  void Has(LogIndex index, const Membership& membership, bool committed) {
    server(1).log[index] = Of(membership);
    server(1).memberships[index] = server(1).log[index].membership;
    if (committed) ledger_.Assume(Of(membership));
  }

  sim::World world_;
  Ledger ledger_;
};

TEST_F(MembershipRulesTest, OneChangeAtATime) {
  using R = OneChangeAtATime;
  Has(1, kJoint, true);
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Makes(2, kNew)); }), "");
  Has(2, kNew, false);
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Makes(3, kNew)); }),
            "raft.one-change-at-a-time");
}

TEST_F(MembershipRulesTest, WhatAFollowerIsSentIsNoChangeOfItsOwn) {
  Has(1, kJoint, false);
  ledger_.leaders()[1] = 2;
  server(1).voted_for = 2;
  using R = OneChangeAtATime;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Makes(2, kNew)); }), "");
}

TEST_F(MembershipRulesTest, JointConsensus) {
  using R = JointConsensus;
  const Membership learner = {.voters = {1, 2, 3}, .learners = {4}};
  EXPECT_EQ(Broken<R>([&](R& rule) {
              rule.DiskChanges(1, Makes(1, learner));
              rule.DiskChanges(1, Makes(1, kJoint));
            }),
            "");
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Makes(1, kNew)); }),
            "raft.joint-consensus");
}

TEST_F(MembershipRulesTest, JointConsensusGoesOnToTheNewVotersAlone) {
  using R = JointConsensus;
  Has(1, kJoint, true);
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Makes(2, kNew)); }), "");
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Makes(2, kOld)); }),
            "raft.joint-consensus");
}

TEST_F(MembershipRulesTest, LearnersCatchUp) {
  using R = LearnersCatchUp;
  Has(1, kOld, true);
  const AppendMessage first = {.from = 1, .to = 4, .term = 1, .prev_index = 1, .prev_term = 1};
  server(4).log[1] = Of(kOld);
  EXPECT_EQ(Broken<R>([&](R& rule) {
              rule.Appends(first);
              rule.DiskChanges(1, Makes(2, kJoint));
            }),
            "");
  server(4).log.clear();
  EXPECT_EQ(Broken<R>([&](R& rule) {
              rule.Appends(first);
              rule.DiskChanges(1, Makes(2, kJoint));
            }),
            "raft.learners-catch-up");
}

TEST_F(MembershipRulesTest, SnapshotHasConfiguration) {
  using R = SnapshotHasConfiguration;
  Has(1, kJoint, true);
  SnapshotMessage message = {.from = 1, .to = 2, .term = 1, .index = 1, .last_term = 1};
  message.membership = Of(kJoint).membership;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.SendsSnapshot(message); }), "");
  message.membership = nullptr;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.SendsSnapshot(message); }),
            "raft.snapshot-has-configuration");
}

TEST_F(MembershipRulesTest, SnapshotOnDiskHasConfiguration) {
  using R = SnapshotHasConfiguration;
  Has(1, kJoint, true);
  DiskChange change;
  change.snapshot = {1, 1};
  change.snapshot_membership = Of(kJoint).membership;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(2, change); }), "");
  change.snapshot_membership = Of(kNew).membership;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(2, change); }),
            "raft.snapshot-has-configuration");
}

TEST_F(MembershipRulesTest, VotersStand) {
  using R = VotersStand;
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Stands(3, 2, {}); }), "") << "a voter of the beginning";
  server(4).memberships[1] = Of(kJoint).membership;
  EXPECT_EQ(Broken<R>([](R& rule) {
              rule.DiskChanged(4, {});
              rule.Stands(4, 2, {});
            }),
            "")
      << "one of C_new";
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Stands(4, 2, {}); }), "raft.voters-stand");
}

}  // namespace
}  // namespace quorum::grader::raft
