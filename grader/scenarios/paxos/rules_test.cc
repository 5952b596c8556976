// Every rule of lab 2, shown a world in which it is broken, and one in which it only looks so.

#include "grader/scenarios/paxos/rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "grader/scenarios/log/tap.h"
#include "grader/scenarios/paxos/ring_rules.h"

namespace quorum::grader::paxos {
namespace {

using quorum::paxos::MakeBallot;

const std::string kX = CommandValue("x");
const std::string kY = CommandValue("y");

/// A world of three nodes without any life in it, and what its rules are told.
class RulesTest : public ::testing::Test {
 protected:
  RulesTest() : world_(sim::WorldOptions{.seed = 1, .budget = {}}), ledger_(2) {
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
  /// Two of the three have accepted it.
  void Choose(Slot slot, const Ballot& ballot, const std::string& value) {
    for (const NodeId node : {1, 2}) ledger_.AddAccept(node, slot, ballot, value);
  }
  AcceptMessage Asking(const Ballot& ballot, const std::string& value) {
    return {.from = ballot.node(), .to = 3, .ballot = ballot, .proposals = {{1, value}}};
  }

  sim::World world_;
  Ledger ledger_;
};

TEST_F(RulesTest, PromiseNeverFalls) {
  ledger_.acceptor(1).promised = MakeBallot(3, 2);
  EXPECT_EQ(Broken<PromiseNeverFalls>([](auto& rule) { rule.DiskPromises(1, MakeBallot(3, 2)); }),
            "");
  EXPECT_EQ(Broken<PromiseNeverFalls>([](auto& rule) { rule.DiskPromises(1, MakeBallot(3, 1)); }),
            "paxos.promise-never-falls");
}

TEST_F(RulesTest, PromiseKeptOnDisk) {
  ledger_.acceptor(1).promised = MakeBallot(3, 2);
  EXPECT_EQ(Broken<PromiseKept>([](auto& rule) {
              rule.DiskAccepts(1, 1, {MakeBallot(3, 2), kX});
            }),
            "");
  EXPECT_EQ(Broken<PromiseKept>([](auto& rule) {
              rule.DiskAccepts(1, 1, {MakeBallot(2, 3), kX});
            }),
            "paxos.promise-kept");
}

TEST_F(RulesTest, WhatWasAcceptedNeverFalls) {
  ledger_.acceptor(1).accepted[1] = {MakeBallot(3, 2), kX};
  EXPECT_EQ(Broken<PromiseKept>([](auto& rule) {
              rule.DiskAccepts(1, 2, {MakeBallot(2, 3), kX});  // another slot
            }),
            "");
  EXPECT_EQ(Broken<PromiseKept>([](auto& rule) {
              rule.DiskAccepts(1, 1, {MakeBallot(2, 3), kX});
            }),
            "paxos.promise-kept");
}

TEST_F(RulesTest, PromiseKeptInWords) {
  EXPECT_EQ(Broken<PromiseKept>([&](auto& rule) {
              rule.Promised(1, 2, MakeBallot(3, 2), {});
              rule.SaysAccepted(1, Asking(MakeBallot(2, 3), kX));
            }),
            "paxos.promise-kept");
}

TEST_F(RulesTest, DurableBeforePromise) {
  EXPECT_EQ(
      Broken<DurableBeforeReply>([](auto& rule) { rule.Promised(1, 2, MakeBallot(3, 2), {}); }),
      "paxos.durable-before-reply");
}

TEST_F(RulesTest, DurableBeforeAccepted) {
  ledger_.acceptor(1).promised = MakeBallot(3, 2);
  EXPECT_EQ(Broken<DurableBeforeReply>(
                [&](auto& rule) { rule.SaysAccepted(1, Asking(MakeBallot(3, 2), kX)); }),
            "paxos.durable-before-reply");
}

TEST_F(RulesTest, PromiseTellsAll) {
  ledger_.acceptor(1).accepted[4] = {MakeBallot(1, 1), kX};
  const auto promises = [](Promise promise) {
    return [promise](auto& rule) { rule.Promised(1, 2, MakeBallot(3, 2), promise); };
  };
  EXPECT_EQ(Broken<PromiseTellsAll>(promises({.committed = 4, .accepted = {}})), "");
  EXPECT_EQ(Broken<PromiseTellsAll>(promises({.committed = 3, .accepted = {}})),
            "paxos.promise-tells-all");
}

TEST_F(RulesTest, LostDiskIsSilent) {
  ledger_.acceptor(1).lost = true;
  EXPECT_EQ(Broken<LostDiskIsSilent>([](auto& rule) { rule.Prepared(2, MakeBallot(1, 2)); }), "");
  EXPECT_EQ(Broken<LostDiskIsSilent>([](auto& rule) { rule.Prepared(1, MakeBallot(1, 1)); }),
            "paxos.lost-disk-is-silent");
}

TEST_F(RulesTest, OneValuePerBallot) {
  ledger_.NoteProposal(1, MakeBallot(1, 1), kX);
  EXPECT_EQ(
      Broken<OneValuePerBallot>([&](auto& rule) { rule.Proposed(Asking(MakeBallot(1, 2), kY)); }),
      "");
  EXPECT_EQ(
      Broken<OneValuePerBallot>([&](auto& rule) { rule.Proposed(Asking(MakeBallot(1, 1), kY)); }),
      "paxos.one-value-per-ballot");
}

TEST_F(RulesTest, ValueOfHighest) {
  auto& promises = ledger_.promises(MakeBallot(5, 1));
  promises[1].accepted[1] = {MakeBallot(1, 1), kX};
  promises[2].accepted[1] = {MakeBallot(2, 2), kY};
  EXPECT_EQ(
      Broken<ValueOfHighest>([&](auto& rule) { rule.Proposed(Asking(MakeBallot(5, 1), kY)); }), "");
  EXPECT_EQ(
      Broken<ValueOfHighest>([&](auto& rule) { rule.Proposed(Asking(MakeBallot(5, 1), kX)); }),
      "paxos.value-of-highest");
}

TEST_F(RulesTest, ValueWithoutAQuorum) {
  ledger_.promises(MakeBallot(5, 1))[1] = {};
  EXPECT_EQ(
      Broken<ValueOfHighest>([&](auto& rule) { rule.Proposed(Asking(MakeBallot(5, 1), kX)); }),
      "paxos.value-of-highest");
}

TEST_F(RulesTest, Validity) {
  ledger_.proposed = {kX};
  EXPECT_EQ(Broken<Validity>([&](auto& rule) { rule.Proposed(Asking(MakeBallot(1, 1), kX)); }), "");
  EXPECT_EQ(Broken<Validity>([&](auto& rule) { rule.Proposed(Asking(MakeBallot(1, 1), kY)); }),
            "paxos.validity");
}

TEST_F(RulesTest, AgreementOnWhatIsChosen) {
  Choose(1, MakeBallot(1, 1), kX);
  EXPECT_EQ(Broken<Agreement>([](auto& rule) {
              rule.DiskAccepts(2, 1, {MakeBallot(2, 2), kY});
            }),
            "");
  EXPECT_EQ(Broken<Agreement>([](auto& rule) {
              rule.DiskAccepts(3, 1, {MakeBallot(2, 2), kY});
            }),
            "paxos.agreement");
}

TEST_F(RulesTest, AgreementInWords) {
  Choose(1, MakeBallot(1, 1), kX);
  EXPECT_EQ(Broken<Agreement>([](auto& rule) { rule.SaysDecided(3, 1, kX); }), "");
  EXPECT_EQ(Broken<Agreement>([](auto& rule) { rule.SaysDecided(3, 1, kY); }), "paxos.agreement");
}

TEST_F(RulesTest, LearnedIsChosen) {
  ledger_.AddAccept(1, 1, MakeBallot(1, 1), kX);
  ledger_.AddAccept(2, 1, MakeBallot(2, 2), kX);  // not under one ballot
  EXPECT_EQ(Broken<LearnedIsChosen>([](auto& rule) { rule.SaysDecided(3, 1, kX); }),
            "paxos.learned-is-chosen");
}

TEST_F(RulesTest, LearnedUpTo) {
  Choose(1, MakeBallot(1, 1), kX);
  Choose(3, MakeBallot(1, 1), kX);
  EXPECT_EQ(Broken<LearnedIsChosen>([](auto& rule) { rule.SaysDecidedUpTo(3, 1); }), "");
  EXPECT_EQ(Broken<LearnedIsChosen>([](auto& rule) { rule.SaysDecidedUpTo(3, 3); }),
            "paxos.learned-is-chosen");
}

/// `batch` was written and no fsync has returned when the power failed; it is there all the same.
sim::Disk SurvivedACrash(const WriteBatch& batch) {
  sim::Rng random(1, 1);
  for (;;) {
    sim::Disk disk;
    disk.Append(batch);
    disk.Crash(random);
    if (!disk.durable().empty()) return disk;
  }
}

WriteBatch Promising(const Ballot& ballot) {
  WriteBatch batch;
  batch.PutMessage(quorum::paxos::kPromiseKey, ballot);
  return batch;
}

// Nobody has heard of the promise, but somebody may have seen it on the disk: it is lost with it.
TEST_F(RulesTest, APromiseThatSurvivedACrashIsLostWithItsDisk) {
  Watch watch(ledger_);
  PromiseNeverFalls rule(world_, ledger_);
  watch.Add(rule);
  sim::Disk disk = SurvivedACrash(Promising(MakeBallot(3, 1)));
  watch.OnCrash(1, disk);
  EXPECT_EQ(ledger_.acceptor(1).promised, MakeBallot(3, 1));
  disk.Wipe();
  EXPECT_TRUE(disk.booted_before) << "so the node is told, and does not vote";
  watch.OnBoot(1, disk);
  EXPECT_TRUE(ledger_.acceptor(1).lost);
  watch.OnDurable(1, Promising(MakeBallot(1, 1)));
  EXPECT_FALSE(world_.failure());
}

TEST_F(RulesTest, WhoHadNothingOnItsDiskHasLostNothing) {
  Watch watch(ledger_);
  sim::Disk disk;
  disk.Append(Promising(MakeBallot(3, 1)));
  disk.LoseUnsynced();
  watch.OnCrash(1, disk);
  disk.Wipe();
  EXPECT_FALSE(disk.booted_before);
  watch.OnBoot(1, disk);
  EXPECT_FALSE(ledger_.acceptor(1).lost);
}

Ring MakeRing(std::uint64_t epoch, NodeId member) {
  Ring ring;
  ring.set_epoch(epoch);
  ring.set_replicas(1);
  ring.add_members()->set_node(member);
  return ring;
}

WriteBatch Entering(const Ring& ring) {
  hash_ring::RingHistory history;
  *history.add_rings() = ring;
  WriteBatch batch;
  batch.PutMessage("rings", history);
  return batch;
}

TEST_F(RulesTest, OneRingAnEpoch) {
  OneRingAnEpoch rule(world_);
  rule.OnDurable(1, Entering(MakeRing(2, 1)));
  rule.OnDurable(2, Entering(MakeRing(2, 1)));
  rule.OnDurable(3, Entering(MakeRing(3, 2)));
  EXPECT_FALSE(world_.failure());
  rule.OnDurable(3, Entering(MakeRing(2, 2)));
  EXPECT_EQ(world_.failure()->name, "paxos.one-ring-an-epoch");
}

/// An operator asks, and is told this.
void Tell(AnswersAreTrue& rule, const Ring& ring,
          quorum::paxos::ChangeRingResponse::Outcome outcome, const Ring& last) {
  quorum::paxos::ChangeRingRequest request;
  *request.mutable_ring() = ring;
  quorum::paxos::ChangeRingResponse response;
  response.set_outcome(outcome);
  *response.mutable_ring() = last;
  const char* path = quorum::paxos::kChangeRing.path;
  rule.OnInvoke(1, 1, path, request.SerializeAsString());
  rule.OnReturn(1, 1, path, absl::OkStatus(), response.SerializeAsString());
}

TEST_F(RulesTest, InstalledIsEntered) {
  const cache::Facts facts(world_);
  AnswersAreTrue rule(world_, facts);
  Tell(rule, MakeRing(2, 1), quorum::paxos::ChangeRingResponse::INSTALLED, {});
  EXPECT_EQ(world_.failure()->name, "paxos.ring-answers");
}

TEST_F(RulesTest, RefusedIsNeverInstalled) {
  const cache::Facts facts(world_);
  AnswersAreTrue rule(world_, facts);
  Tell(rule, MakeRing(3, 1), quorum::paxos::ChangeRingResponse::REFUSED, MakeRing(2, 2));
  rule.OnDurable(1, Entering(MakeRing(3, 1)));
  EXPECT_FALSE(world_.failure()) << "it came too early, and may have come again";
  Tell(rule, MakeRing(2, 1), quorum::paxos::ChangeRingResponse::REFUSED, MakeRing(2, 2));
  rule.OnDurable(1, Entering(MakeRing(2, 1)));
  EXPECT_EQ(world_.failure()->name, "paxos.ring-answers");
}

TEST_F(RulesTest, WhoIsAnnouncedLateDoesNotLead) {
  Tap tap(world_);
  tap.OnLeadership(1, 7);
  tap.OnLeadership(2, 5);  // it was stopped while it was elected
  EXPECT_EQ(tap.leader(), 1u);
  tap.OnLeadership(2, 8);
  EXPECT_EQ(tap.leader(), 2u);
}

}  // namespace
}  // namespace quorum::grader::paxos
