#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/env/time.h"
#include "grader/scenarios/log/decided_log.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::grader::raft {

using quorum::raft::Term;

/// An entry, where its index is known.
struct LogEntry {
  Term term = 0;
  std::string value;
  bool operator==(const LogEntry&) const = default;
};

/// One server, as its disk has it: nothing in here can be lost by a crash.
struct ServerRecord {
  Term term = 0;
  NodeId voted_for = 0;
  std::map<LogIndex, LogEntry> log;
  LogIndex snapshot_index = 0;
  Term snapshot_term = 0;
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
  explicit Ledger(std::size_t quorum) : quorum_(quorum) {}

  std::size_t quorum() const { return quorum_; }
  ServerRecord& server(NodeId node) { return servers_[node]; }
  const std::map<NodeId, ServerRecord>& servers() const { return servers_; }

  /// Who has voted for `candidate` in `term`.
  std::set<NodeId>& votes(Term term, NodeId candidate) { return votes_[{term, candidate}]; }
  std::map<std::pair<Term, NodeId>, Candidacy>& candidacies() { return candidacies_; }

  /// Who leads each term, since it was first heard of.
  std::map<Term, NodeId>& leaders() { return leaders_; }
  /// Who leads the latest term that has had a leader; 0: none has.
  NodeId latest_leader() const { return leaders_.empty() ? 0 : leaders_.rbegin()->second; }
  Term latest_term() const { return leaders_.empty() ? 0 : leaders_.rbegin()->first; }

  /// While in `term`, `node` holds the entry of that term at `index`, and all that its leader has
  /// before it.
  void AddHolding(NodeId node, Term term, LogIndex index);
  /// The scenario, which plays a majority, says that `entry` is committed behind those before it.
  void Assume(const LogEntry& entry) { committed_.push_back({entry, entry.term}); }
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
  void CommitUpTo(LogIndex index, Term term);

  std::size_t quorum_;
  std::map<NodeId, ServerRecord> servers_;
  std::map<std::pair<Term, NodeId>, std::set<NodeId>> votes_;
  std::map<std::pair<Term, NodeId>, Candidacy> candidacies_;
  std::map<Term, NodeId> leaders_;
  std::map<Term, std::map<NodeId, LogIndex>> holdings_;
  std::vector<CommittedEntry> committed_;  // the first one has index 1
};

}  // namespace quorum::grader::raft
