#include "grader/scenarios/raft/reading.h"

#include <charconv>

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr std::string_view kPrefix = kEntryPrefix;

LogIndex IndexOf(std::string_view key) {
  LogIndex index = 0;
  std::from_chars(key.data() + kPrefix.size(), key.data() + key.size(), index);
  return index;
}

template <class Message>
void ParseInto(Message& message, std::string_view bytes) {
  message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

/// Adds to `change` what one key of a disk says; nothing in `value`: it is deleted.
void ReadKey(std::string_view key, const std::optional<std::string>& value, Entry& entry,
             DiskChange& change) {
  if (key.starts_with(kPrefix)) {
    auto& changed = change.entries[IndexOf(key)];
    changed.reset();
    if (!value) return;
    ParseInto(entry, *value);
    changed = Understand(entry);
  } else if (key == kStateKey && value) {
    TermAndVote state;
    ParseInto(state, *value);
    change.state = {state.current_term(), state.voted_for()};
  } else if (key == kSnapshotKey && value) {
    Snapshot snapshot;
    ParseInto(snapshot, *value);
    change.snapshot = {snapshot.last_included_index(), snapshot.last_included_term()};
    change.snapshot_membership = MembershipIn(snapshot);
  }
}

}  // namespace

LogEntry Understand(const Entry& entry) {
  if (entry.has_configuration()) {
    return {entry.term(), kNoOp, UnderstandMembership(entry.configuration())};
  }
  return {entry.term(), entry.no_op() ? kNoOp : CommandValue(entry.command())};
}

AppendMessage Understand(NodeId from, NodeId to, const AppendEntriesRequest& request) {
  AppendMessage append = {.from = from,
                          .to = to,
                          .term = request.term(),
                          .prev_index = request.prev_log_index(),
                          .prev_term = request.prev_log_term(),
                          .leader_commit = request.leader_commit()};
  append.entries.reserve(static_cast<std::size_t>(request.entries_size()));
  for (const Entry& entry : request.entries()) {
    append.entries.emplace_back(entry.index(), Understand(entry));
  }
  return append;
}

DiskChange ReadBatch(const WriteBatch& batch, Entry& entry) {
  DiskChange change;
  for (const WriteBatch::Change& one : batch.changes()) {
    ReadKey(one.key, one.value, entry, change);
  }
  return change;
}

}  // namespace quorum::grader::raft
