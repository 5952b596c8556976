#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/env/time.h"
#include "grader/scenarios/log/decided_log.h"
#include "grader/scenarios/raft/membership.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::grader::raft {

using quorum::raft::Term;

/// An entry, where its index is known.
struct LogEntry {
  Term term = 0;
  std::string value;
  MembershipPtr membership = nullptr;  ///< null: it is no configuration
  bool operator==(const LogEntry& other) const;
};

/// One server, as its disk has it: nothing in here can be lost by a crash.
struct ServerRecord {
  Term term = 0;
  NodeId voted_for = 0;
  std::map<LogIndex, LogEntry> log;
  LogIndex snapshot_index = 0;
  Term snapshot_term = 0;
  /// The configurations in `log`, and in the snapshot, if it has one.
  std::map<LogIndex, MembershipPtr> memberships;
  bool lost = false;  ///< its disk is gone

  LogIndex last_index() const { return log.empty() ? snapshot_index : log.rbegin()->first; }
  Term last_term() const { return log.empty() ? snapshot_term : log.rbegin()->second.term; }
  /// The term at `index`; nothing: it is discarded, or not there.
  std::optional<Term> TermAt(LogIndex index) const;
};

/// How the log of a candidate ends, as it says itself.
struct Candidacy {
  LogIndex last_index = 0;
  Term last_term = 0;
};

/// An entry that is committed: a majority held it, or an entry behind it, in the term `in_term`,
/// in which that one was made (section 5.4.2). No later leader can lack it.
struct CommittedEntry {
  LogEntry entry;
  Term in_term = 0;
};

/// What has happened so far, as a god would know it: it follows from what left the servers and from
/// what is on their disks, never from what a server says about itself.
class Ledger final : public DecidedLog {
 public:
  /// `first`: the cluster at its creation.
  explicit Ledger(Membership first)
      : first_(std::make_shared<const Membership>(std::move(first))) {}

  const MembershipPtr& first() const { return first_; }
  ServerRecord& server(NodeId node) { return servers_[node]; }
  const std::map<NodeId, ServerRecord>& servers() const { return servers_; }

  /// Who has voted for `candidate` in `term`.
  std::set<NodeId>& votes(Term term, NodeId candidate) { return votes_[{term, candidate}]; }
  const std::set<NodeId>& votes(Term term, NodeId candidate) const;
  std::map<std::pair<Term, NodeId>, Candidacy>& candidacies() { return candidacies_; }
  const std::map<std::pair<Term, NodeId>, Candidacy>& candidacies() const { return candidacies_; }

  /// The last configuration on the disk of `node`.
  MembershipPtr MembershipOf(NodeId node) const;
  /// The same when it had just voted for itself in `term`: what it stands for election with.
  const Membership& MembershipOfCandidate(Term term, NodeId node) const;
  void NoteCandidate(Term term, NodeId node);
  /// The last configuration among what is committed, up to `index`, and where that is.
  std::pair<LogIndex, MembershipPtr> CommittedMembership(LogIndex index) const;
  MembershipPtr CommittedMembership() const {
    return CommittedMembership(committed_.size()).second;
  }

  /// Who leads each term, since it was first heard of.
  std::map<Term, NodeId>& leaders() { return leaders_; }
  /// Who leads the latest term that has had a leader; 0: none has.
  NodeId latest_leader() const { return leaders_.empty() ? 0 : leaders_.rbegin()->second; }
  Term latest_term() const { return leaders_.empty() ? 0 : leaders_.rbegin()->first; }

  /// The latest term of which anybody has spoken, as the term in which it was.
  Term& spoken_of() { return spoken_of_; }

  /// While in `term`, `node` holds the entry of that term at `index`, and all that its leader has
  /// before it. `membership`: the last configuration in there; null: the one known before. What a
  /// leader counts by is the last configuration in the longest log of its term, which is its own.
  void AddHolding(NodeId node, Term term, LogIndex index, const MembershipPtr& membership);
  /// The leader of `term` has the configuration `membership` at `index` of its log, maybe not on
  /// its disk yet.
  void NoteUsed(Term term, LogIndex index, const MembershipPtr& membership);
  /// The highest index that `node` has held in `term`.
  LogIndex HoldingOf(Term term, NodeId node) const;
  /// The scenario, which plays a majority, says that `entry` is committed behind those before it.
  void Assume(const LogEntry& entry) { AddCommitted({entry, entry.term}); }
  /// Null: it is not committed.
  const CommittedEntry* Committed(LogIndex index) const {
    return index == 0 || index > committed_.size() ? nullptr : &committed_[index - 1];
  }
  LogIndex committed_up_to() const { return committed_.size(); }

  const std::string* Decided(LogIndex index) const override {
    const CommittedEntry* committed = Committed(index);
    return committed == nullptr ? nullptr : &committed->entry.value;
  }
  LogIndex decided_up_to() const override { return committed_.size(); }

 private:
  struct Holdings {
    std::map<NodeId, LogIndex> up_to;
    LogIndex longest = 0;
    MembershipPtr used;
  };

  void CommitHeld(Term term, const Holdings& holdings);
  void CommitUpTo(LogIndex index, Term term);
  void AddCommitted(const CommittedEntry& committed);

  MembershipPtr first_;
  std::map<NodeId, ServerRecord> servers_;
  std::map<std::pair<Term, NodeId>, std::set<NodeId>> votes_;
  std::map<std::pair<Term, NodeId>, Candidacy> candidacies_;
  std::map<Term, NodeId> leaders_;
  Term spoken_of_ = 0;
  std::map<std::pair<Term, NodeId>, MembershipPtr> candidate_memberships_;
  std::map<Term, Holdings> holdings_;
  std::vector<CommittedEntry> committed_;  // the first one has index 1
  std::map<LogIndex, MembershipPtr> committed_memberships_;
};

}  // namespace quorum::grader::raft
