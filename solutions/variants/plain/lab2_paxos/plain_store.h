#pragma once

#include <algorithm>
#include <deque>

#include "common/env/env.h"
#include "common/env/node_config.pb.h"
#include "labs/lab2_paxos/ballot.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {

/// What a node of the log has on its disk: the slots behind the snapshot in a row, holes included.
class PlainStore {
 public:
  PlainStore(Storage& storage, const NodeConfig& config) : storage_(storage) {
    const auto promise = GetMessage<Ballot>(storage_, kPromiseKey);
    votes = promise.has_value() || config.first_boot();
    promised = promise.value_or(Ballot());
    snapshot = GetMessage<Snapshot>(storage_, kSnapshotKey).value_or(Snapshot());
    const auto told = GetMessage<Committed>(storage_, kCommittedKey).value_or(Committed());
    committed = std::max<LogIndex>(told.index(), snapshot.index());
    storage_.Scan(kEntryPrefix, [this](std::string_view, std::string_view bytes) {
      Entry entry;
      entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
      SlotAt(entry.index()) = entry;
      return true;
    });
    if (votes && !promise) Save({}).IgnoreError();  // otherwise with the next batch
  }

  /// Null: nothing is there.
  const Entry* At(LogIndex index) const {
    if (index <= snapshot.index() || index > last()) return nullptr;
    const Entry& entry = slots_[index - snapshot.index() - 1];
    return entry.index() == 0 ? nullptr : &entry;
  }
  LogIndex last() const { return snapshot.index() + slots_.size(); }

  /// Accepts `entries` under `ballot`, all or none of them.
  bool Accept(const Ballot& ballot, const std::vector<Entry>& entries) {
    WriteBatch batch;
    std::vector<Entry> kept;
    for (Entry entry : entries) {
      if (entry.index() <= snapshot.index()) continue;
      *entry.mutable_ballot() = ballot;
      batch.PutMessage(EntryKey(entry.index()), entry);
      kept.push_back(std::move(entry));
    }
    if (kept.empty() && promised == ballot) return true;
    const Ballot before = std::exchange(promised, ballot);
    if (!Save(std::move(batch)).ok()) {
      promised = before;
      return false;
    }
    for (const Entry& entry : kept) SlotAt(entry.index()) = entry;
    return true;
  }

  /// Takes over decided entries, as far as they follow what is here and go no farther than `end`.
  void TakeDecided(const google::protobuf::RepeatedPtrField<Entry>& entries, LogIndex end) {
    WriteBatch batch;
    std::vector<Entry> kept;
    const LogIndex before = committed;
    for (const Entry& entry : entries) {
      if (entry.index() != committed + 1 || entry.index() > end) continue;
      batch.PutMessage(EntryKey(entry.index()), entry);
      kept.push_back(entry);
      ++committed;
    }
    if (kept.empty()) return;
    if (!Save(std::move(batch)).ok()) return void(committed = before);
    for (const Entry& entry : kept) SlotAt(entry.index()) = entry;
  }

  /// The snapshot takes the place of the slots that it covers.
  void TakeSnapshot(const Snapshot& newer) {
    if (newer.index() <= snapshot.index()) return;
    WriteBatch batch;
    batch.PutMessage(kSnapshotKey, newer);
    for (LogIndex index = snapshot.index() + 1; index <= std::min(newer.index(), last()); ++index) {
      if (At(index) != nullptr) batch.Delete(EntryKey(index));
    }
    const LogIndex before = committed;
    committed = std::max<LogIndex>(committed, newer.index());
    if (!Save(std::move(batch)).ok()) return void(committed = before);
    const auto covered = std::min<std::size_t>(slots_.size(), newer.index() - snapshot.index());
    slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(covered));
    snapshot = newer;
  }

  /// Makes the promise durable, with `batch`.
  absl::Status Save(WriteBatch batch) {
    if (votes) batch.PutMessage(kPromiseKey, promised);
    Committed told;
    told.set_index(committed);
    batch.PutMessage(kCommittedKey, told);
    return storage_.Write(batch);
  }

  bool votes = false;
  Ballot promised;
  LogIndex committed = 0;  // decided, and here
  Snapshot snapshot;

 private:
  Entry& SlotAt(LogIndex index) {
    while (last() < index) slots_.emplace_back();
    return slots_[index - snapshot.index() - 1];
  }

  Storage& storage_;
  std::deque<Entry> slots_;  // the first one is that behind the snapshot; index 0: a hole
};

}  // namespace quorum::paxos
