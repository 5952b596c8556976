#include "labs/lab3_raft/log.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"

namespace quorum::raft {

Log::Log(Storage& storage, const NodeConfig& config) : storage_(storage), configurations_(config) {}

std::optional<Term> Log::TermAt(LogIndex index) const {
  if (index == snapshot_index()) return snapshot_->last_included_term();
  if (index < snapshot_index() || index > last_index()) return std::nullopt;
  return At(index).term();
}

LogIndex Log::FirstOfTerm(Term term) const {
  // Terms never fall along a log.
  const auto first = std::partition_point(
      entries_.begin(), entries_.end(), [term](const Entry& entry) { return entry.term() < term; });
  return snapshot_index() + 1 + static_cast<LogIndex>(first - entries_.begin());
}

absl::Status Log::Append(std::vector<Entry> entries, WriteOptions options) {
  NotWritten("Replace what is there from the first of them on, on the disk in one batch, and then "
             "in memory (handout 3B, step 1).");
}

absl::Status Log::KeepSnapshot(Snapshot snapshot) {
  NotWritten("Store the snapshot and delete what it covers, in one batch (handout 3D, step 1).");
}

}  // namespace quorum::raft
