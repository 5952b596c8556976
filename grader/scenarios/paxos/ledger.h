#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/env/time.h"
#include "grader/scenarios/log/decided_log.h"
#include "grader/sim/disk.h"
#include "labs/lab2_paxos/ballot.h"

namespace quorum::grader::paxos {

using quorum::paxos::Ballot;

/// A slot of the log, from 1; the one decision of parts 2A and 2B is slot 1.
using Slot = std::uint64_t;

/// A proposal that was accepted; of ballot none: nothing was.
struct Accepted {
  Ballot ballot;
  std::string value;
};

/// One acceptor, as its disk has it: nothing in here can be lost by a crash.
struct AcceptorRecord {
  Ballot promised;
  std::map<Slot, Accepted> accepted;
  Slot committed = 0;  ///< everything up to here is decided, it says
  Slot snapshot = 0;
  bool lost = false;  ///< its disk is gone
};

/// What an acceptor has told a proposer, as part of a promise.
struct Promise {
  Slot committed = 0;
  std::map<Slot, Accepted> accepted;
};

/// What has happened so far, as a god would know it: it follows from what left the nodes and from
/// what is on their disks, never from what a node says about itself.
class Ledger final : public DecidedLog {
 public:
  explicit Ledger(std::size_t quorum) : quorum_(quorum) {}

  std::size_t quorum() const { return quorum_; }
  AcceptorRecord& acceptor(NodeId node) { return acceptors_[node]; }
  const std::map<NodeId, AcceptorRecord>& acceptors() const { return acceptors_; }

  /// `node` has accepted this durably. True when that makes the value chosen: a quorum has accepted
  /// it under one ballot.
  bool AddAccept(NodeId node, Slot slot, const Ballot& ballot, const std::string& value);
  /// What was chosen first in `slot`; null: nothing yet.
  const Accepted* Chosen(Slot slot) const;
  /// Everything up to here is chosen.
  Slot chosen_up_to() const { return chosen_up_to_; }
  const std::string* Decided(LogIndex slot) const override {
    const Accepted* chosen = Chosen(slot);
    return chosen == nullptr ? nullptr : &chosen->value;
  }
  LogIndex decided_up_to() const override { return chosen_up_to_; }
  Slot highest_chosen() const { return chosen_.empty() ? 0 : chosen_.rbegin()->first; }

  /// The value under `ballot` in `slot`; returns the one known before, or null and notes this one.
  const std::string* NoteProposal(Slot slot, const Ballot& ballot, const std::string& value);

  /// The promises for `ballot` that its proposer may know of: those that were sent to it, and its
  /// own.
  std::map<NodeId, Promise>& promises(const Ballot& ballot) {
    return promises_[{ballot.round(), ballot.node()}];
  }

  std::set<std::string> proposed;  ///< what clients have asked for

 private:
  using BallotKey = std::pair<std::uint64_t, NodeId>;

  std::size_t quorum_;
  std::map<NodeId, AcceptorRecord> acceptors_;
  std::map<Slot, std::map<BallotKey, std::set<NodeId>>> accepts_;
  std::map<Slot, std::map<BallotKey, std::string>> proposals_;
  std::map<Slot, Accepted> chosen_;
  Slot chosen_up_to_ = 0;
  std::map<BallotKey, std::map<NodeId, Promise>> promises_;
};

}  // namespace quorum::grader::paxos
