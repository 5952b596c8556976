#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "common/env/env.h"
#include "labs/lab3_raft/configuration.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::raft {

/// log[] (figure 2, persistent state) behind the snapshot that stands for its beginning, in memory
/// as it is on the disk. A function that returns an error has changed nothing.
class Log {
 public:
  Log(Storage& storage, const NodeConfig& config);

  /// What replaces the entries up to its last included index; of index 0: nothing.
  const std::shared_ptr<const Snapshot>& snapshot() const { return snapshot_; }
  LogIndex snapshot_index() const { return snapshot_->last_included_index(); }

  LogIndex last_index() const { return snapshot_index() + entries_.size(); }
  Term last_term() const { return *TermAt(last_index()); }
  /// The term of the entry at `index`; nothing: it is discarded, or not there yet.
  std::optional<Term> TermAt(LogIndex index) const;
  /// The entry at `index`, which is above the snapshot and not above `last_index`.
  const Entry& At(LogIndex index) const { return entries_[index - snapshot_index() - 1]; }
  /// The first index above the snapshot whose term is `term` or a later one.
  LogIndex FirstOfTerm(Term term) const;

  /// Who takes part, as this log says.
  const Configurations& configurations() const { return configurations_; }
  const Configuration& configuration() const { return configurations_.latest(); }

  /// Deletes everything from the first of `entries` on, and appends `entries` there. They are not
  /// empty, and no gap is before them. Unless `options` say sync, the next synced write makes them
  /// durable.
  absl::Status Append(std::vector<Entry> entries, WriteOptions options = {});

  /// Keeps a newer snapshot, and discards the entries that it covers; all of them, if the log holds
  /// another entry where the snapshot ends (section 7).
  absl::Status KeepSnapshot(Snapshot snapshot);

 private:
  Storage& storage_;
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<const Snapshot>();
  Configurations configurations_;
  std::deque<Entry> entries_;  // the first one is that after the snapshot
};

}  // namespace quorum::raft
