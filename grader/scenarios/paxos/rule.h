#pragma once

#include <vector>

#include "grader/check/invariant.h"
#include "grader/scenarios/paxos/ledger.h"

namespace quorum::grader::paxos {

/// Proposals of one Accept: what is proposed in which slot.
using Proposals = std::vector<std::pair<Slot, std::string>>;

/// A request of phase 2 or a heartbeat, with what it tells beside its proposals.
struct AcceptMessage {
  NodeId from = 0;
  NodeId to = 0;
  Ballot ballot = {};
  Proposals proposals = {};
  Slot committed = 0;
};

/// An invariant of Paxos. It hears what `Watch` makes of messages and disks, in the order in which
/// it happens; the ledger has been brought up to date before, unless a function says otherwise.
class Rule : public Invariant {
 public:
  Rule(sim::World& world, const Statement& statement, Ledger& ledger)
      : Invariant(world, statement), ledger_(ledger) {}

  // What leaves a node.
  virtual void Prepared(NodeId from, const Ballot& ballot) {}
  virtual void Promised(NodeId from, NodeId to, const Ballot& ballot, const Promise& promise) {}
  virtual void Proposed(const AcceptMessage& message) {}
  /// An acceptor answers that it has accepted all of `request`.
  virtual void SaysAccepted(NodeId from, const AcceptMessage& request) {}
  /// A node says that `value` is decided in `slot`.
  virtual void SaysDecided(NodeId node, Slot slot, const std::string& value) {}
  /// A node says that everything up to `slot` is decided.
  virtual void SaysDecidedUpTo(NodeId node, Slot slot) {}

  // What reaches a disk for good. The ledger's record of the acceptor is as it was before.
  virtual void DiskPromises(NodeId node, const Ballot& ballot) {}
  virtual void DiskAccepts(NodeId node, Slot slot, const Accepted& accepted) {}

 protected:
  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }

 private:
  Ledger& ledger_;
};

}  // namespace quorum::grader::paxos
