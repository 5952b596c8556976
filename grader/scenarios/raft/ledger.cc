#include "grader/scenarios/raft/ledger.h"

#include <algorithm>
#include <functional>

namespace quorum::grader::raft {

std::optional<Term> ServerRecord::TermAt(LogIndex index) const {
  if (index == snapshot_index) return snapshot_term;
  const auto found = log.find(index);
  if (found == log.end()) return std::nullopt;
  return found->second.term;
}

void Ledger::AddHolding(NodeId node, Term term, LogIndex index) {
  std::map<NodeId, LogIndex>& holdings = holdings_[term];
  LogIndex& highest = holdings[node];
  if (index <= highest) return;
  highest = index;
  if (holdings.size() < quorum_) return;
  std::vector<LogIndex> held;
  for (const auto& [server, up_to] : holdings) held.push_back(up_to);
  std::nth_element(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(quorum_ - 1),
                   held.end(), std::greater<>());
  CommitUpTo(held[quorum_ - 1], term);
}

void Ledger::CommitUpTo(LogIndex index, Term term) {
  if (index <= committed_.size()) return;
  for (const auto& [node, server] : servers_) {
    // Of those that hold it, one that the scenario does not play itself has a log to read.
    if (server.TermAt(index) != term) continue;
    while (committed_.size() < index) {
      const auto entry = server.log.find(committed_.size() + 1);
      if (entry == server.log.end()) break;
      committed_.push_back({entry->second, term});
    }
  }
}

}  // namespace quorum::grader::raft
