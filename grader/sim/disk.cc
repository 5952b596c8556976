#include "grader/sim/disk.h"

namespace quorum::sim {

void ApplyBatch(const WriteBatch& batch, KeyValues& data) {
  for (const WriteBatch::Change& change : batch.changes()) {
    if (change.value) {
      data.insert_or_assign(change.key, *change.value);
    } else {
      data.erase(change.key);
    }
  }
}

std::uint64_t Disk::Append(const WriteBatch& batch) {
  ApplyBatch(batch, current_);
  pending_.push_back(batch);
  return last_write();
}

std::vector<WriteBatch> Disk::Crash(Rng& random) {
  std::vector<WriteBatch> survived;
  const std::uint64_t kept = durable_write_ + random.Below(pending_.size() + 1);
  MakeDurable(kept, [&](const WriteBatch& batch) { survived.push_back(batch); });
  LoseUnsynced();
  return survived;
}

void Disk::LoseUnsynced() {
  // The numbers of lost writes are not used again: whoever waits for one waits for ever.
  durable_write_ += pending_.size();
  pending_.clear();
  current_ = durable_;
}

void Disk::Wipe() {
  // What survived a crash was durable, though no fsync has ever returned.
  booted_before = booted_before || !durable_.empty();
  durable_write_ += pending_.size();
  pending_.clear();
  current_.clear();
  durable_.clear();
}

}  // namespace quorum::sim
