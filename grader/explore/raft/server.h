#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grader/explore/rule.h"
#include "grader/scenarios/raft/reading.h"

namespace quorum::explore::raft {

using grader::raft::AppendMessage;
using grader::raft::DiskChange;
using quorum::raft::Term;

/// An entry, where its index is known. In these worlds nobody changes the configuration.
struct LogEntry {
  Term term = 0;
  std::string value = {};
  friend auto operator<=>(const LogEntry&, const LogEntry&) = default;
};
LogEntry Plain(const grader::raft::LogEntry& entry);

/// One server's disk, and every vote that it has ever held.
struct Server {
  Term term = 0;
  NodeId voted_for = 0;
  std::map<LogIndex, LogEntry> log = {};
  std::set<std::pair<Term, NodeId>> votes = {};

  LogIndex last_index() const { return log.empty() ? 0 : log.rbegin()->first; }
  Term last_term() const { return log.empty() ? 0 : log.rbegin()->second.term; }
  /// Nothing: there is no entry.
  std::optional<Term> TermAt(LogIndex index) const;
  /// The entries in order; one that stands behind a gap is left out.
  std::vector<LogEntry> Entries() const;
  void Apply(const DiskChange& change);

  friend auto operator<=>(const Server&, const Server&) = default;
};

/// What a batch that has become durable changes.
DiskChange ChangeIn(const Sight& sight);

template <class Message>
Message Parse(std::string_view bytes) {
  Message message;
  message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return message;
}

bool IsRequest(const Sight& sight, const char* path);
/// One without an error.
bool IsResponse(const Sight& sight, const char* path);
/// Of the request that is sent, or answered.
AppendMessage AppendIn(const Sight& sight);

}  // namespace quorum::explore::raft
