#pragma once

#include "grader/scenarios/paxos/rule.h"
#include "grader/scenarios/paxos/watch.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::paxos {

/// Whether the grader knows how the commands of clients look in the log.
enum class Commands { kKnown, kUnknown };

/// Has every rule of this header watch the stage's world through `watch`; of unknown commands
/// nobody can say whether a client has asked for them.
void WatchRules(Stage& stage, Watch& watch, Ledger& ledger, Commands commands = Commands::kKnown);

// What an acceptor may do.

/// A promise on a disk never gives way to a lower one.
class PromiseNeverFalls final : public Rule {
 public:
  PromiseNeverFalls(sim::World& world, Ledger& ledger);
  void DiskPromises(NodeId node, const Ballot& ballot) override;
};

/// Nothing below a promise is accepted.
class PromiseKept final : public Rule {
 public:
  PromiseKept(sim::World& world, Ledger& ledger);
  void DiskAccepts(NodeId node, Slot slot, const Accepted& accepted) override;
  void Promised(NodeId from, NodeId to, const Ballot& ballot, const Promise& promise) override;
  void SaysAccepted(NodeId from, const AcceptMessage& request) override;

 private:
  std::map<NodeId, Ballot> given_;  // the highest promise that has left each acceptor
};

/// What an acceptor says is on its disk.
class DurableBeforeReply final : public Rule {
 public:
  DurableBeforeReply(sim::World& world, Ledger& ledger);
  void Promised(NodeId from, NodeId to, const Ballot& ballot, const Promise& promise) override;
  void SaysAccepted(NodeId from, const AcceptMessage& request) override;
  void OnSend(const sim::Message& message, std::string_view path) override;
};

/// A promise reports all that was accepted below it.
class PromiseTellsAll final : public Rule {
 public:
  PromiseTellsAll(sim::World& world, Ledger& ledger);
  void Promised(NodeId from, NodeId to, const Ballot& ballot, const Promise& promise) override;
};

/// A node that has lost its disk neither votes nor proposes.
class LostDiskIsSilent final : public Rule {
 public:
  LostDiskIsSilent(sim::World& world, Ledger& ledger);
  void Prepared(NodeId from, const Ballot& ballot) override;
  void Promised(NodeId from, NodeId to, const Ballot& ballot, const Promise& promise) override;
  void Proposed(const AcceptMessage& message) override;
  void SaysAccepted(NodeId from, const AcceptMessage& request) override;

 private:
  void Judge(NodeId node, const char* what);
};

// What a proposer may do.

/// One ballot, one value.
class OneValuePerBallot final : public Rule {
 public:
  OneValuePerBallot(sim::World& world, Ledger& ledger);
  void Proposed(const AcceptMessage& message) override;
  void DiskAccepts(NodeId node, Slot slot, const Accepted& accepted) override;

 private:
  void Judge(NodeId node, Slot slot, const Ballot& ballot, const std::string& value);
};

/// Phase 2 follows from a quorum of promises.
class ValueOfHighest final : public Rule {
 public:
  ValueOfHighest(sim::World& world, Ledger& ledger);
  void Proposed(const AcceptMessage& message) override;

 private:
  void Judge(const AcceptMessage& message, Slot slot, const std::string& value);
};

/// Only what a client has asked for is proposed.
class Validity final : public Rule {
 public:
  Validity(sim::World& world, Ledger& ledger);
  void Proposed(const AcceptMessage& message) override;
};

// What follows.

/// No slot is decided twice.
class Agreement final : public Rule {
 public:
  Agreement(sim::World& world, Ledger& ledger);
  void Proposed(const AcceptMessage& message) override;
  void DiskAccepts(NodeId node, Slot slot, const Accepted& accepted) override;
  void SaysDecided(NodeId node, Slot slot, const std::string& value) override;
};

/// Nobody says that something is decided before a quorum has it on disk, under one ballot.
class LearnedIsChosen final : public Rule {
 public:
  LearnedIsChosen(sim::World& world, Ledger& ledger);
  void SaysDecided(NodeId node, Slot slot, const std::string& value) override;
  void SaysDecidedUpTo(NodeId node, Slot slot) override;
};

}  // namespace quorum::grader::paxos
