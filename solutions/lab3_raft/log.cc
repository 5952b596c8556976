#include "labs/lab3_raft/log.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"

namespace quorum::raft {

Log::Log(Storage& storage, const NodeConfig& config) : storage_(storage), configurations_(config) {
  // [solution]
  if (auto stored = GetMessage<Snapshot>(storage_, kSnapshotKey)) {
    configurations_.KeepSnapshot(*stored, false);
    snapshot_ = std::make_shared<const Snapshot>(*std::move(stored));
  }
  storage_.Scan(kEntryPrefix, [this](std::string_view, std::string_view bytes) {
    Entry& entry = entries_.emplace_back();
    Check(entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
          "An entry is read as it was stored.");
    Check(entry.index() == last_index(), "The log on the disk has no gap.");
    configurations_.Replace(entry.index(), {entry});
    return true;
  });
  // [end]
}

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
  // [solution: Replace what is there from the first of them on, on the disk in one batch, and then in
  // memory (handout 3B, step 1).]
  const LogIndex from = entries.front().index();
  WriteBatch batch;
  for (LogIndex index = entries.back().index() + 1; index <= last_index(); ++index) {
    batch.Delete(EntryKey(index));
  }
  for (const Entry& entry : entries) batch.PutMessage(EntryKey(entry.index()), entry);
  if (const absl::Status written = storage_.Write(batch, options); !written.ok()) return written;
  configurations_.Replace(from, entries);
  entries_.resize(from - snapshot_index() - 1);
  for (Entry& entry : entries) entries_.push_back(std::move(entry));
  return absl::OkStatus();
  // [end]
}

absl::Status Log::KeepSnapshot(Snapshot snapshot) {
  // [solution: Store the snapshot and delete what it covers, in one batch (handout 3D, step 1).]
  const LogIndex index = snapshot.last_included_index();
  if (index <= snapshot_index()) return absl::OkStatus();
  const bool goes_on = TermAt(index) == snapshot.last_included_term();
  const std::size_t covered = goes_on ? index - snapshot_index() : entries_.size();
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(covered);
  WriteBatch batch;
  batch.PutMessage(kSnapshotKey, snapshot);
  for (auto at = entries_.begin(); at != end; ++at) batch.Delete(EntryKey(at->index()));
  if (const absl::Status written = storage_.Write(batch); !written.ok()) return written;
  configurations_.KeepSnapshot(snapshot, goes_on);
  snapshot_ = std::make_shared<const Snapshot>(std::move(snapshot));
  entries_.erase(entries_.begin(), end);
  return absl::OkStatus();
  // [end]
}

}  // namespace quorum::raft
