#include "grader/scenarios/raft/ledger.h"

#include <algorithm>

namespace quorum::grader::raft {

std::optional<Term> ServerRecord::TermAt(LogIndex index) const {
  if (index == snapshot_index) return snapshot_term;
  const auto found = log.find(index);
  if (found == log.end()) return std::nullopt;
  return found->second.term;
}

bool LogEntry::operator==(const LogEntry& other) const {
  if (term != other.term || value != other.value) return false;
  if (membership == nullptr || other.membership == nullptr) return membership == other.membership;
  return *membership == *other.membership;
}

const std::set<NodeId>& Ledger::votes(Term term, NodeId candidate) const {
  static const std::set<NodeId> kNobody;
  const auto votes = votes_.find({term, candidate});
  return votes == votes_.end() ? kNobody : votes->second;
}

MembershipPtr Ledger::MembershipOf(NodeId node) const {
  const auto server = servers_.find(node);
  if (server == servers_.end() || server->second.memberships.empty()) return first_;
  return server->second.memberships.rbegin()->second;
}

const Membership& Ledger::MembershipOfCandidate(Term term, NodeId node) const {
  const auto found = candidate_memberships_.find({term, node});
  return found == candidate_memberships_.end() ? *MembershipOf(node) : *found->second;
}

void Ledger::NoteCandidate(Term term, NodeId node) {
  candidate_memberships_.try_emplace({term, node}, MembershipOf(node));
}

std::pair<LogIndex, MembershipPtr> Ledger::CommittedMembership(LogIndex index) const {
  const auto behind = committed_memberships_.upper_bound(index);
  if (behind == committed_memberships_.begin()) return {0, first_};
  return *std::prev(behind);
}

LogIndex Ledger::HoldingOf(Term term, NodeId node) const {
  const auto holdings = holdings_.find(term);
  if (holdings == holdings_.end()) return 0;
  const auto found = holdings->second.up_to.find(node);
  return found == holdings->second.up_to.end() ? 0 : found->second;
}

void Ledger::AddHolding(NodeId node, Term term, LogIndex index, const MembershipPtr& membership) {
  Holdings& holdings = holdings_[term];
  LogIndex& highest = holdings.up_to[node];
  bool news = index > highest;
  highest = std::max(highest, index);
  if (index >= holdings.longest) {
    holdings.longest = index;
    const MembershipPtr used = membership ? membership : holdings.used;
    news = news || used != holdings.used;
    holdings.used = used;
  }
  if (news) CommitHeld(term, holdings);
}

void Ledger::NoteUsed(Term term, LogIndex index, const MembershipPtr& membership) {
  Holdings& holdings = holdings_[term];
  if (index <= holdings.longest) return;  // a disk has it, or what is behind it
  holdings.longest = index;
  holdings.used = membership;
  CommitHeld(term, holdings);
}

void Ledger::CommitHeld(Term term, const Holdings& holdings) {
  CommitUpTo((holdings.used ? *holdings.used : *first_).HeldByQuorum(holdings.up_to), term);
}

void Ledger::AddCommitted(const CommittedEntry& committed) {
  committed_.push_back(committed);
  if (!committed.entry.membership) return;
  committed_memberships_[committed_.size()] = committed.entry.membership;
}

void Ledger::CommitUpTo(LogIndex index, Term term) {
  if (index <= committed_.size()) return;
  for (const auto& [node, server] : servers_) {
    // Of those that hold it, one that the scenario does not play itself has a log to read.
    if (server.TermAt(index) != term) continue;
    while (committed_.size() < index) {
      const auto entry = server.log.find(committed_.size() + 1);
      if (entry == server.log.end()) break;
      AddCommitted({entry->second, term});
    }
  }
}

}  // namespace quorum::grader::raft
