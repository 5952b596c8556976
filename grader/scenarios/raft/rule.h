#pragma once

#include <vector>

#include "grader/check/invariant.h"
#include "grader/scenarios/raft/ledger.h"

namespace quorum::grader::raft {

/// An AppendEntries that leaves a leader.
struct AppendMessage {
  NodeId from = 0;
  NodeId to = 0;
  Term term = 0;
  LogIndex prev_index = 0;
  Term prev_term = 0;
  std::vector<std::pair<LogIndex, LogEntry>> entries = {};
  LogIndex leader_commit = 0;

  LogIndex last_index() const { return prev_index + entries.size(); }
  Term last_term() const { return entries.empty() ? prev_term : entries.back().second.term; }
};

/// A piece of a snapshot that leaves a leader.
struct SnapshotMessage {
  NodeId from = 0;
  NodeId to = 0;
  Term term = 0;
  LogIndex index = 0;
  Term last_term = 0;
  MembershipPtr membership = nullptr;  ///< null: it says nothing of it
};

/// What a batch changes on a disk, in whatever order it says so.
struct DiskChange {
  std::optional<std::pair<Term, NodeId>> state;         ///< current term, and voted for
  std::map<LogIndex, std::optional<LogEntry>> entries;  ///< nothing: deleted
  std::optional<std::pair<LogIndex, Term>> snapshot;    ///< last included index and term
  MembershipPtr snapshot_membership;                    ///< null: the snapshot says nothing of it
};

/// An invariant of Raft. It hears what `Watch` makes of messages and disks, in the order in which
/// it happens. The ledger has been brought up to date before, unless a function says otherwise.
class Rule : public Invariant {
 public:
  Rule(sim::World& world, const Statement& statement, Ledger& ledger)
      : Invariant(world, statement), ledger_(ledger) {}

  // What leaves a server.
  /// Any message of Raft, in `term`.
  virtual void Speaks(NodeId from, Term term) {}
  /// A candidate asks for votes.
  virtual void Stands(NodeId from, Term term, const Candidacy& candidacy) {}
  /// A server grants its vote to `candidate`.
  virtual void Grants(NodeId from, NodeId candidate, Term term) {}
  /// A server acts as the leader of `term`. The ledger does not know it yet, if this is the first
  /// time.
  virtual void Leads(NodeId from, Term term) {}
  virtual void Appends(const AppendMessage& message) {}
  virtual void SendsSnapshot(const SnapshotMessage& message) {}
  /// A server answers success to `request`.
  virtual void SaysAppended(NodeId from, const AppendMessage& request) {}
  /// The same as `Grants`, and to which request. `transfer`: in it the candidate says that its
  /// leader has told it to stand.
  virtual void GrantsRequest(NodeId from, NodeId candidate, Term term, bool transfer,
                             std::uint64_t request) {}

  // Also of servers that the scenario plays itself.
  /// A server answers to this request that it would vote for `candidate` in `next_term`.
  virtual void GrantsPreVote(NodeId from, NodeId candidate, Term next_term, std::uint64_t request) {
  }
  /// A leader sends TimeoutNow.
  virtual void TellsToStand(NodeId from, NodeId target, Term term) {}
  /// A server answers this request of `leader` in the term of the request: it takes it for its
  /// leader.
  virtual void AnswersLeader(NodeId from, NodeId leader, Term term, std::uint64_t request) {}

  // What reaches a disk for good; the ledger's record of the server is as it was before, and in the
  // second function as it is then.
  virtual void DiskChanges(NodeId node, const DiskChange& change) {}
  virtual void DiskChanged(NodeId node, const DiskChange& change) {}

 protected:
  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }

 private:
  Ledger& ledger_;
};

}  // namespace quorum::grader::raft
