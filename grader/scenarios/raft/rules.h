#pragma once

#include "grader/scenarios/log/tap.h"
#include "grader/scenarios/raft/rule.h"
#include "grader/scenarios/raft/watch.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::raft {

/// Has every rule of this header watch the stage's world through `watch` and `tap`.
void WatchRules(Stage& stage, Watch& watch, Tap& tap, Ledger& ledger);

// Terms, votes and elections.

/// The term on a disk never falls.
class TermNeverFalls final : public Rule {
 public:
  TermNeverFalls(sim::World& world, Ledger& ledger);
  void DiskChanges(NodeId node, const DiskChange& change) override;
};

/// What a server says in a term, it says when that term is on its disk.
class TermIsDurable final : public Rule {
 public:
  TermIsDurable(sim::World& world, Ledger& ledger);
  void Speaks(NodeId from, Term term) override;
};

/// One vote a term.
class OneVoteATerm final : public Rule {
 public:
  OneVoteATerm(sim::World& world, Ledger& ledger);
  void DiskChanges(NodeId node, const DiskChange& change) override;
  void Stands(NodeId from, Term term, const Candidacy& candidacy) override;
  void Grants(NodeId from, NodeId candidate, Term term) override;

 private:
  void Judge(NodeId voter, NodeId candidate, Term term);

  std::map<std::pair<NodeId, Term>, NodeId> said_;  // whom it has voted for, as others know
};

/// A vote that is given is on the disk.
class VoteIsDurable final : public Rule {
 public:
  VoteIsDurable(sim::World& world, Ledger& ledger);
  void Stands(NodeId from, Term term, const Candidacy& candidacy) override;
  void Grants(NodeId from, NodeId candidate, Term term) override;

 private:
  void Judge(NodeId voter, NodeId candidate, Term term);
};

/// Votes go to logs that are as up-to-date as the voter's.
class VotesForUpToDate final : public Rule {
 public:
  VotesForUpToDate(sim::World& world, Ledger& ledger);
  void DiskChanges(NodeId node, const DiskChange& change) override;
};

/// A candidate tells how its log ends.
class CandidateTellsItsLog final : public Rule {
 public:
  CandidateTellsItsLog(sim::World& world, Ledger& ledger);
  void Stands(NodeId from, Term term, const Candidacy& candidacy) override;
};

/// A server that has lost its disk takes no part.
class LostDiskIsSilent final : public Rule {
 public:
  LostDiskIsSilent(sim::World& world, Ledger& ledger);
  void Speaks(NodeId from, Term term) override;
};

/// Whoever leads was elected by a majority.
class ElectedByMajority final : public Rule {
 public:
  ElectedByMajority(sim::World& world, Ledger& ledger);
  void Leads(NodeId from, Term term) override;
};

/// Election Safety.
class ElectionSafety final : public Rule {
 public:
  ElectionSafety(sim::World& world, Ledger& ledger);
  void Leads(NodeId from, Term term) override;
};

// Logs.

/// Leader Append-Only.
class LeaderAppendOnly final : public Rule {
 public:
  LeaderAppendOnly(sim::World& world, Ledger& ledger);
  void DiskChanges(NodeId node, const DiskChange& change) override;
};

/// Log Matching.
class LogMatching final : public Rule {
 public:
  LogMatching(sim::World& world, Ledger& ledger);
  void DiskChanged(NodeId node, const DiskChange& change) override;

 private:
  struct First {
    NodeId node;
    LogEntry entry;
    Term prev_term;
  };
  std::map<std::pair<LogIndex, Term>, First> first_;
};

/// Leader Completeness.
class LeaderCompleteness final : public Rule {
 public:
  LeaderCompleteness(sim::World& world, Ledger& ledger);
  void Leads(NodeId from, Term term) override;
};

/// What is committed is not deleted.
class CommittedStays final : public Rule {
 public:
  CommittedStays(sim::World& world, Ledger& ledger);
  void DiskChanges(NodeId node, const DiskChange& change) override;
};

/// A leader sends its own log, without a gap. Its disk may have an entry later than others do
/// (thesis, section 10.2.1): then it is of the leader's own term, and it is what the disk gets.
class SendsItsLog final : public Rule {
 public:
  SendsItsLog(sim::World& world, Ledger& ledger);
  void Appends(const AppendMessage& message) override;
  void DiskChanges(NodeId node, const DiskChange& change) override;
  void OnBoot(NodeId node, const sim::Disk& disk) override { ahead_.erase(node); }

 private:
  struct Ahead {
    Term term = 0;
    std::map<LogIndex, LogEntry> sent = {};  // and not on its disk yet
  };
  static bool HasPrev(const ServerRecord& record, const AppendMessage& message);
  bool HasEntry(const ServerRecord& record, const AppendMessage& message, LogIndex index,
                const LogEntry& entry);

  std::map<NodeId, Ahead> ahead_;
};

/// Success means that the follower's disk holds the leader's log.
class SuccessIsDurable final : public Rule {
 public:
  SuccessIsDurable(sim::World& world, Ledger& ledger);
  void SaysAppended(NodeId from, const AppendMessage& request) override;
};

/// A leader commits only what is committed.
class CommitIsBacked final : public Rule, public LogListener {
 public:
  CommitIsBacked(sim::World& world, Ledger& ledger);
  void Appends(const AppendMessage& message) override;
  void Applied(NodeId node, LogIndex index, std::string_view command,
               const std::string& state) override;

 private:
  std::string WhyNot(NodeId leader, Term term, LogIndex index) const;
};

/// A commit index never falls.
class CommitNeverFalls final : public Rule, public LogListener {
 public:
  CommitNeverFalls(sim::World& world, Ledger& ledger);
  void Appends(const AppendMessage& message) override;
  void Applied(NodeId node, LogIndex index, std::string_view, const std::string&) override {
    applied_[node] = index;
  }
  void Restored(NodeId node, LogIndex index, const std::string&) override {
    applied_[node] = index;
  }
  void Stands(NodeId from, Term term, const Candidacy& candidacy) override;
  void OnBoot(NodeId node, const sim::Disk& disk) override { applied_[node] = last_[node] = 0; }

 private:
  std::map<NodeId, LogIndex> applied_;
  std::map<NodeId, LogIndex> last_;  // what it has said, or must say if it leads
};

/// Snapshots cover what is committed, and say its last term.
class SnapshotIsCommitted final : public Rule {
 public:
  SnapshotIsCommitted(sim::World& world, Ledger& ledger);
  void DiskChanges(NodeId node, const DiskChange& change) override;
  void SendsSnapshot(const SnapshotMessage& message) override;

 private:
  void Judge(NodeId node, const char* has, LogIndex index, Term last_term);
};

}  // namespace quorum::grader::raft
