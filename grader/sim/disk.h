#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "common/storage/storage.h"
#include "grader/sim/rng.h"

namespace quorum::sim {

/// An ordered map of byte strings that can be searched without making a string of the key.
using KeyValues = std::map<std::string, std::string, std::less<>>;

/// Applies `batch` to `data`.
void ApplyBatch(const WriteBatch& batch, KeyValues& data);

/// A simulated disk. It outlives the processes that use it, keeps what was synced, and loses, when
/// power or process fail, what a real one may lose. Writes are numbered from 1.
class Disk {
 public:
  /// What a running process reads: every write, durable or not.
  const KeyValues& current() const { return current_; }
  /// What is certain to survive. An oracle reads this, and needs no word from the node.
  const KeyValues& durable() const { return durable_; }

  /// Appends `batch` and returns its number.
  std::uint64_t Append(const WriteBatch& batch);
  /// The number of the last write, and of the last one that is durable.
  std::uint64_t last_write() const { return durable_write_ + pending_.size(); }
  std::uint64_t durable_write() const { return durable_write_; }

  /// Makes every write up to `write` durable, calling `told(batch)` for each in order.
  template <class Told>
  void MakeDurable(std::uint64_t write, Told told) {
    while (durable_write_ < write && !pending_.empty()) {
      ApplyBatch(pending_.front(), durable_);
      ++durable_write_;
      told(pending_.front());
      pending_.pop_front();
    }
  }
  /// A crash: some prefix of the writes that were not durable, drawn from `random`, survives.
  /// Returns those that do.
  std::vector<WriteBatch> Crash(Rng& random);
  /// A crash of which none of them survives.
  void LoseUnsynced();
  /// The data is gone.
  void Wipe();

  bool full = false;             ///< writes fail with RESOURCE_EXHAUSTED
  bool fail_next_fsync = false;  ///< the next fsync fails, which ends the process
  bool corrupt = false;          ///< synced data cannot be read back: no process boots on it
  bool booted_before = false;    ///< something has been durable once, on this or an earlier disk
  std::int64_t extra_fsync_ns = 0;

 private:
  KeyValues current_;
  KeyValues durable_;
  std::deque<WriteBatch> pending_;
  std::uint64_t durable_write_ = 0;
};

}  // namespace quorum::sim
