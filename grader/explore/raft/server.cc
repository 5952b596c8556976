#include "grader/explore/raft/server.h"

#include <tuple>

namespace quorum::explore::raft {

LogEntry Plain(const grader::raft::LogEntry& entry) { return {entry.term, entry.value}; }

std::optional<Term> Server::TermAt(LogIndex index) const {
  if (index == 0) return 0;
  const auto found = log.find(index);
  if (found == log.end()) return std::nullopt;
  return found->second.term;
}

std::vector<LogEntry> Server::Entries() const {
  std::vector<LogEntry> entries;
  for (const auto& [index, entry] : log) {
    if (index == entries.size() + 1) entries.push_back(entry);
  }
  return entries;
}

void Server::Apply(const DiskChange& change) {
  if (change.state) {
    std::tie(term, voted_for) = *change.state;
    if (voted_for != 0) votes.emplace(term, voted_for);
  }
  for (const auto& [index, entry] : change.entries) {
    entry ? void(log[index] = Plain(*entry)) : void(log.erase(index));
  }
}

DiskChange ChangeIn(const Sight& sight) {
  quorum::raft::Entry entry;
  return grader::raft::ReadBatch(*sight.batch, entry);
}

bool IsRequest(const Sight& sight, const char* path) {
  return sight.kind == Sight::Kind::kSent && !sight.is_response && sight.path == path;
}

bool IsResponse(const Sight& sight, const char* path) {
  return sight.kind == Sight::Kind::kSent && sight.is_response &&
         sight.code == absl::StatusCode::kOk && sight.path == path;
}

AppendMessage AppendIn(const Sight& sight) {
  const std::string_view request = sight.is_response ? sight.request : sight.payload;
  const NodeId from = sight.is_response ? sight.to : sight.node;
  const NodeId to = sight.is_response ? sight.node : sight.to;
  return grader::raft::Understand(from, to, Parse<quorum::raft::AppendEntriesRequest>(request));
}

}  // namespace quorum::explore::raft
