#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "common/env/time.h"
#include "common/log/state_machine.h"
#include "labs/lab2_paxos/ballot.h"

namespace quorum::paxos {

/// Phase 1 for all slots at a time: collects the promises for one ballot, and says what may be
/// proposed under it. It does no I/O.
class Candidate {
 public:
  Candidate(const Ballot& ballot, std::size_t quorum) : ballot_(ballot), quorum_(quorum) {}

  const Ballot& ballot() const { return ballot_; }
  /// Adds a promise for this ballot. True: a quorum has promised.
  bool AddPromise(NodeId from, const PrepareLogResponse& promise);

  /// Up to here some node that has promised knows the decisions; nothing is proposed there.
  LogIndex decided() const { return decided_; }
  /// One that does.
  NodeId knows_decided() const { return knows_decided_; }
  /// What has to be proposed again, slot by slot above `decided` without a gap: each may have been
  /// decided.
  std::vector<Entry> Proposals() const;

 private:
  Ballot ballot_;
  std::size_t quorum_;
  std::map<NodeId, PrepareLogResponse> promises_;
  LogIndex decided_ = 0;
  NodeId knows_decided_ = 0;
};

}  // namespace quorum::paxos
