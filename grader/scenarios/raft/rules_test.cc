// Every rule of lab 3 that watches messages and disks, shown a world in which it is broken, and one
// in which it only looks so.

#include "grader/scenarios/raft/rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "grader/scenarios/log/log_rules.h"

namespace quorum::grader::raft {
namespace {

const std::string kX = CommandValue("x");
const std::string kY = CommandValue("y");

/// A world of three servers without any life in it, and what its rules are told.
class RulesTest : public ::testing::Test {
 protected:
  RulesTest()
      : world_(sim::WorldOptions{.seed = 1, .budget = {}}),
        ledger_(Membership{.voters = {1, 2, 3}}) {
    for (NodeId node = 1; node <= 3; ++node) {
      NodeConfig config;
      config.set_self(node);
      world_.AddMachine(
          "node", [](Env&, const NodeConfig&) { return std::make_unique<Node>(); }, config);
      world_.Boot(node);
    }
  }

  template <class R>
  std::string Broken(const std::function<void(R&)>& happens) {
    R rule(world_, ledger_);
    happens(rule);
    return world_.failure() ? world_.failure()->name : "";
  }
  ServerRecord& server(NodeId node) { return ledger_.server(node); }
  /// Entries of these terms on the disk of `node`, in the last of them.
  void Log(NodeId node, const std::vector<Term>& terms) {
    LogIndex index = 0;
    for (const Term term : terms) server(node).log[++index] = {term, kX};
    server(node).term = std::max(server(node).term, terms.back());
  }
  /// The disk of `node` changes so, as `Watch` would tell.
  DiskChange Writes(LogIndex index, const LogEntry& entry) {
    DiskChange change;
    change.entries[index] = entry;
    return change;
  }
  DiskChange Deletes(LogIndex index) {
    DiskChange change;
    change.entries[index].reset();
    return change;
  }
  DiskChange Enters(Term term, NodeId voted_for) {
    DiskChange change;
    change.state = {term, voted_for};
    return change;
  }

  sim::World world_;
  Ledger ledger_;
};

TEST_F(RulesTest, TermNeverFalls) {
  server(1).term = 4;
  using R = TermNeverFalls;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Enters(4, 2)); }), "");
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Enters(3, 0)); }),
            "raft.term-never-falls");
}

TEST_F(RulesTest, TermIsDurable) {
  server(1).term = 4;
  using R = TermIsDurable;
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Speaks(1, 4); }), "");
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Speaks(1, 5); }), "raft.term-is-durable");
}

TEST_F(RulesTest, OneVoteATermOnDisk) {
  server(1).term = 4;
  server(1).voted_for = 2;
  using R = OneVoteATerm;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Enters(5, 3)); }), "");
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Enters(4, 3)); }), "raft.one-vote-a-term");
}

TEST_F(RulesTest, OneVoteATermAsOthersHear) {
  using R = OneVoteATerm;
  EXPECT_EQ(Broken<R>([](R& rule) {
              rule.Grants(1, 2, 4);
              rule.Grants(1, 2, 4);
              rule.Stands(1, 5, {});
            }),
            "");
  EXPECT_EQ(Broken<R>([](R& rule) {
              rule.Stands(1, 6, {});
              rule.Grants(1, 2, 6);
            }),
            "raft.one-vote-a-term");
}

TEST_F(RulesTest, VoteIsDurable) {
  ledger_.votes(4, 2).insert(1);
  using R = VoteIsDurable;
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Grants(1, 2, 4); }), "");
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Stands(3, 4, {}); }), "raft.vote-is-durable");
}

TEST_F(RulesTest, VotesForUpToDate) {
  Log(1, {1, 2});
  ledger_.candidacies()[{3, 2}] = {.last_index = 2, .last_term = 2};
  ledger_.candidacies()[{4, 3}] = {.last_index = 9, .last_term = 1};
  using R = VotesForUpToDate;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Enters(3, 2)); }), "");
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Enters(4, 3)); }),
            "raft.votes-for-up-to-date");
}

TEST_F(RulesTest, CandidateTellsItsLog) {
  Log(1, {1, 2});
  server(1).term = 3;
  using R = CandidateTellsItsLog;
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Stands(1, 3, {.last_index = 2, .last_term = 2}); }), "");
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Stands(1, 3, {.last_index = 3, .last_term = 2}); }),
            "raft.candidate-tells-its-log");
}

TEST_F(RulesTest, LostDiskIsSilent) {
  using R = LostDiskIsSilent;
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Speaks(1, 1); }), "");
  server(1).lost = true;
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Speaks(1, 1); }), "raft.lost-disk-is-silent");
}

TEST_F(RulesTest, ElectedByMajority) {
  ledger_.votes(4, 1) = {1, 3};
  ledger_.votes(5, 1) = {1};
  using R = ElectedByMajority;
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Leads(1, 4); }), "");
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Leads(1, 5); }), "raft.elected-by-majority");
}

TEST_F(RulesTest, ElectionSafety) {
  ledger_.leaders()[4] = 1;
  using R = ElectionSafety;
  EXPECT_EQ(Broken<R>([](R& rule) {
              rule.Leads(1, 4);
              rule.Leads(2, 5);
            }),
            "");
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Leads(2, 4); }), "raft.election-safety");
}

TEST_F(RulesTest, LeaderAppendOnly) {
  Log(1, {1, 2});
  ledger_.leaders()[2] = 1;
  using R = LeaderAppendOnly;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Writes(3, {2, kX})); }), "");
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Deletes(2)); }),
            "raft.leader-append-only");
}

TEST_F(RulesTest, ADeposedLeaderMayOverwrite) {
  Log(1, {1, 2});
  ledger_.leaders()[2] = 1;
  server(1).term = 3;
  using R = LeaderAppendOnly;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Deletes(2)); }), "");
}

TEST_F(RulesTest, LogMatching) {
  Log(1, {1, 2});
  Log(2, {1, 2});
  Log(3, {1, 2});
  server(3).log[2] = {2, kY};
  LogMatching rule(world_, ledger_);
  rule.DiskChanged(1, Writes(2, {2, kX}));
  rule.DiskChanged(2, Writes(2, {2, kX}));
  EXPECT_FALSE(world_.failure());
  rule.DiskChanged(3, Writes(2, {2, kY}));
  EXPECT_EQ(world_.failure()->name, "raft.log-matching");
}

TEST_F(RulesTest, LogMatchingSeesWhatIsBefore) {
  Log(1, {1, 3});
  Log(2, {2, 3});
  LogMatching rule(world_, ledger_);
  rule.DiskChanged(1, Writes(2, {3, kX}));
  rule.DiskChanged(2, Writes(2, {3, kX}));
  EXPECT_EQ(world_.failure()->name, "raft.log-matching");
}

/// Servers 1 and 2 have committed an entry of term 2 in that term.
void CommitOne(Ledger& ledger) {
  ledger.server(1).log[1] = {2, kX};
  ledger.AddHolding(1, 2, 1, nullptr);
  ledger.AddHolding(2, 2, 1, nullptr);
  ASSERT_EQ(ledger.committed_up_to(), 1u);
}

TEST_F(RulesTest, LeaderCompleteness) {
  CommitOne(ledger_);
  Log(2, {2});
  Log(3, {1});
  server(2).term = server(3).term = 3;
  using R = LeaderCompleteness;
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Leads(2, 3); }), "");
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Leads(3, 3); }), "raft.leader-completeness");
}

TEST_F(RulesTest, CommittedStays) {
  CommitOne(ledger_);
  Log(3, {1});
  server(1).term = server(3).term = 3;
  using R = CommittedStays;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(3, Deletes(1)); }), "")
      << "what it has is another entry";
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.DiskChanges(1, Deletes(1)); }), "raft.committed-stays");
}

TEST_F(RulesTest, SendsItsLog) {
  Log(1, {1, 2});
  AppendMessage message = {.from = 1, .to = 2, .term = 2, .prev_index = 1, .prev_term = 1};
  message.entries = {{2, {2, kX}}};
  using R = SendsItsLog;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.Appends(message); }), "");
  message.prev_term = 2;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.Appends(message); }), "raft.sends-its-log");
}

TEST_F(RulesTest, SendsItsLogWithoutAGap) {
  Log(1, {1, 2, 2});
  AppendMessage message = {.from = 1, .to = 2, .term = 2, .prev_index = 1, .prev_term = 1};
  message.entries = {{3, {2, kX}}};
  using R = SendsItsLog;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.Appends(message); }), "raft.sends-its-log");
}

TEST_F(RulesTest, SendsItsLogBeforeItsDiskHasIt) {
  Log(1, {1, 2});
  AppendMessage message = {.from = 1, .to = 2, .term = 2, .prev_index = 2, .prev_term = 2};
  message.entries = {{3, {2, kX}}, {4, {2, kY}}};
  AppendMessage heartbeat = {.from = 1, .to = 3, .term = 2, .prev_index = 4, .prev_term = 2};
  SendsItsLog rule(world_, ledger_);
  rule.Appends(message);
  rule.Appends(message);
  rule.Appends(heartbeat);
  rule.DiskChanges(1, Writes(3, {2, kX}));
  EXPECT_FALSE(world_.failure()) << world_.failure()->detail;
  message.entries = {{3, {2, kX}}, {4, {2, kX}}};
  rule.Appends(message);
  EXPECT_EQ(world_.failure()->name, "raft.sends-its-log") << "it sends another one for index 4";
}

TEST_F(RulesTest, WritesWhatItHasSent) {
  Log(1, {1, 2});
  AppendMessage message = {.from = 1, .to = 2, .term = 2, .prev_index = 2, .prev_term = 2};
  message.entries = {{3, {2, kX}}};
  using R = SendsItsLog;
  EXPECT_EQ(Broken<R>([&](R& rule) {
              rule.Appends(message);
              rule.DiskChanges(1, Enters(3, 2));
              rule.DiskChanges(1, Writes(3, {3, kY}));
            }),
            "")
      << "it does not lead any more";
  EXPECT_EQ(Broken<R>([&](R& rule) {
              rule.Appends(message);
              rule.DiskChanges(1, Writes(3, {2, kY}));
            }),
            "raft.sends-its-log");
}

TEST_F(RulesTest, WhatALeaderAddsIsOfItsTerm) {
  Log(1, {1, 2});
  AppendMessage message = {.from = 1, .to = 2, .term = 2, .prev_index = 2, .prev_term = 2};
  message.entries = {{3, {1, kX}}};
  using R = SendsItsLog;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.Appends(message); }), "raft.sends-its-log");
}

TEST_F(RulesTest, SendsItsLogBehindWhatItHas) {
  Log(1, {1, 2});
  const AppendMessage heartbeat = {.from = 1, .to = 3, .term = 2, .prev_index = 3, .prev_term = 1};
  using R = SendsItsLog;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.Appends(heartbeat); }), "raft.sends-its-log");
}

/// Who leads counts itself like everyone else: when its disk has the entry.
TEST_F(RulesTest, CommitIsBackedOnceTheLeadersOwnDiskHasIt) {
  server(2).log[1] = {2, kX};
  ledger_.AddHolding(2, 2, 1, nullptr);
  const AppendMessage message = {.from = 1, .to = 3, .term = 2, .leader_commit = 1};
  using R = CommitIsBacked;
  ledger_.AddHolding(3, 2, 0, nullptr);
  EXPECT_EQ(ledger_.committed_up_to(), 0u);
  Ledger as_before = ledger_;
  ledger_.AddHolding(1, 2, 1, nullptr);
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.Appends(message); }), "");
  ledger_ = as_before;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.Appends(message); }), "raft.commit-is-backed");
}

/// C_new counts from when the leader has it, whether it is on a disk or on its way.
TEST_F(RulesTest, ALeaderCountsByWhatItHasSent) {
  server(1).log[1] = {2, kX};
  ledger_.AddHolding(1, 2, 1, nullptr);
  EXPECT_EQ(ledger_.committed_up_to(), 0u) << "one of three";
  ledger_.NoteUsed(2, 2, std::make_shared<const Membership>(Membership{.voters = {1}}));
  EXPECT_EQ(ledger_.committed_up_to(), 1u);
}

TEST_F(RulesTest, SuccessIsDurable) {
  Log(2, {1, 2});
  AppendMessage message = {.from = 1, .to = 2, .term = 2, .prev_index = 2, .prev_term = 2};
  using R = SuccessIsDurable;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.SaysAppended(2, message); }), "");
  message.entries = {{3, {2, kX}}};
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.SaysAppended(2, message); }), "raft.success-is-durable");
}

TEST_F(RulesTest, CommitIsBackedWhereALeaderSaysSo) {
  CommitOne(ledger_);
  AppendMessage message = {.from = 1, .to = 2, .term = 2, .leader_commit = 1};
  using R = CommitIsBacked;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.Appends(message); }), "");
  message.leader_commit = 2;
  EXPECT_EQ(Broken<R>([&](R& rule) { rule.Appends(message); }), "raft.commit-is-backed");
}

TEST_F(RulesTest, CommitIsBackedWhereALeaderApplies) {
  CommitOne(ledger_);
  server(1).term = 2;
  ledger_.leaders()[2] = 1;
  using R = CommitIsBacked;
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Applied(1, 1, "x", ""); }), "");
  EXPECT_EQ(Broken<R>([](R& rule) { rule.Applied(1, 2, "x", ""); }), "raft.commit-is-backed");
}

TEST_F(RulesTest, CommitNeverFallsWithinOneBoot) {
  const AppendMessage high = {.from = 1, .to = 2, .term = 2, .leader_commit = 5};
  const AppendMessage low = {.from = 1, .to = 2, .term = 2, .leader_commit = 4};
  CommitNeverFalls rule(world_, ledger_);
  rule.Appends(high);
  rule.OnBoot(1, world_.machine(1).disk);
  rule.Appends(low);
  EXPECT_FALSE(world_.failure()) << "it has forgotten its commit index";
  rule.Appends(high);
  rule.Appends(low);
  EXPECT_EQ(world_.failure()->name, "raft.commit-never-falls");
}

/// What a server of term 2 writes: that it is in it, its first entry, and a snapshot instead.
WriteBatch Term2() {
  quorum::raft::TermAndVote state;
  state.set_current_term(2);
  WriteBatch batch;
  batch.PutMessage(quorum::raft::kStateKey, state);
  return batch;
}
WriteBatch FirstEntry() {
  quorum::raft::Entry entry;
  entry.set_index(1);
  entry.set_term(2);
  entry.set_command("x");
  WriteBatch batch;
  batch.PutMessage(quorum::raft::EntryKey(1), entry);
  return batch;
}
WriteBatch SnapshotOfIt() {
  quorum::raft::Snapshot snapshot;
  snapshot.set_last_included_index(1);
  snapshot.set_last_included_term(2);
  WriteBatch batch;
  batch.PutMessage(quorum::raft::kSnapshotKey, snapshot);
  batch.Delete(quorum::raft::EntryKey(1));
  return batch;
}

// A leader that counts itself before its disk has an entry lets nothing of that out. If it dies,
// its disk may still have got the entry, and then the snapshot that covers it.
TEST_F(RulesTest, ASnapshotMaySurviveACrashTogetherWithItsEntry) {
  Watch watch(ledger_);
  SnapshotIsCommitted rule(world_, ledger_);
  watch.Add(rule);
  for (const NodeId node : {1u, 3u}) watch.OnDurable(node, Term2());
  watch.OnSurvived(1, FirstEntry());
  EXPECT_EQ(ledger_.committed_up_to(), 0);
  watch.OnDurable(3, FirstEntry());
  EXPECT_EQ(ledger_.committed_up_to(), 1);
  watch.OnSurvived(1, SnapshotOfIt());
  EXPECT_FALSE(world_.failure());
}

TEST_F(RulesTest, ASnapshotThatSurvivesACrashIsOfWhatAQuorumHolds) {
  Watch watch(ledger_);
  SnapshotIsCommitted rule(world_, ledger_);
  watch.Add(rule);
  for (const NodeId node : {1u, 3u}) watch.OnDurable(node, Term2());
  watch.OnSurvived(1, FirstEntry());
  watch.OnSurvived(1, SnapshotOfIt());
  ASSERT_TRUE(world_.failure());
  EXPECT_EQ(world_.failure()->name, "raft.snapshot-is-committed");
}

TEST_F(RulesTest, SnapshotIsCommitted) {
  CommitOne(ledger_);
  using R = SnapshotIsCommitted;
  EXPECT_EQ(Broken<R>([](R& rule) {
              rule.SendsSnapshot({.from = 1, .to = 2, .term = 2, .index = 1, .last_term = 2});
            }),
            "");
  EXPECT_EQ(Broken<R>([](R& rule) {
              rule.SendsSnapshot({.from = 1, .to = 2, .term = 2, .index = 1, .last_term = 1});
            }),
            "raft.snapshot-is-committed");
}

/// The rules of any log, over this ledger.
constexpr Statement kAny = {"any", "", ""};

TEST_F(RulesTest, AppliedInOrderWithinOneBoot) {
  ledger_.Assume({1, kX});
  ledger_.Assume({1, kY});
  AppliedInOrder rule(world_, kAny, ledger_);
  rule.Applied(1, 1, "x", "");
  rule.OnBoot(1, world_.machine(1).disk);
  rule.Applied(1, 1, "x", "");
  rule.Applied(1, 2, "y", "");
  EXPECT_FALSE(world_.failure());
  rule.Applied(1, 2, "y", "");
  EXPECT_EQ(world_.failure()->detail, "Node 1 applies index 2, and has applied index 2 before.");
}

TEST_F(RulesTest, AppliedInOrderLeavesNothingOut) {
  ledger_.Assume({1, kX});
  ledger_.Assume({1, kY});
  AppliedInOrder rule(world_, kAny, ledger_);
  rule.Applied(1, 2, "y", "");
  EXPECT_TRUE(world_.failure());
}

TEST_F(RulesTest, SameStateAtTheSameIndex) {
  SameState rule(world_, kAny);
  rule.Applied(1, 1, "x", "x");
  rule.Applied(2, 2, "y", "xy");
  rule.Restored(3, 1, "x");
  EXPECT_FALSE(world_.failure());
  rule.Restored(3, 2, "yx");
  EXPECT_TRUE(world_.failure());
}

}  // namespace
}  // namespace quorum::grader::raft
