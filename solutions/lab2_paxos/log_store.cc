#include "labs/lab2_paxos/log_store.h"

#include <algorithm>

#include "common/env/not_written.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
LogStore::LogStore(Storage& storage, const NodeConfig& config) : storage_(storage) {
  // [solution: Read what an earlier boot has left; notice a lost disk (handout 2C, step 1).]
  const auto promised = GetMessage<Ballot>(storage_, kPromiseKey);
  votes_ = promised.has_value() || config.first_boot();
  promised_ = promised.value_or(Ballot());
  snapshot_ = GetMessage<Snapshot>(storage_, kSnapshotKey).value_or(Snapshot());
  committed_ = GetMessage<Committed>(storage_, kCommittedKey).value_or(Committed()).index();
  committed_ = std::max(committed_, snapshot_.index());
  storage_.Scan(kEntryPrefix, [this](std::string_view, std::string_view bytes) {
    Entry entry;
    Check(entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
          "An entry is read as it was stored.");
    entries_[entry.index()] = entry;
    return true;
  });
  WriteBatch begun;
  if (votes_ && !promised) Write(begun).IgnoreError();  // if it fails, the next write does the same
  // [end]
}

const Entry* LogStore::Find(LogIndex index) const {
  const auto found = entries_.find(index);
  return found == entries_.end() ? nullptr : &found->second;
}

absl::Status LogStore::Promise(const Ballot& ballot) {
  // [solution: Make the promise durable (handout 2C, step 1).]
  WriteBatch batch;
  batch.PutMessage(kPromiseKey, ballot);
  if (const absl::Status written = Write(batch); !written.ok()) return written;
  promised_ = ballot;
  return absl::OkStatus();
  // [end]
}

PrepareLogResponse LogStore::Report(LogIndex known) const {
  // [solution: Report every accepted entry that the candidate needs (handout 2C, step 2).]
  PrepareLogResponse response;
  response.set_promised(true);
  *response.mutable_ballot() = promised_;
  response.set_committed(committed_);
  const LogIndex above = std::max(known, committed_);
  for (auto at = entries_.upper_bound(above); at != entries_.end(); ++at) {
    *response.add_accepted() = at->second;
  }
  return response;
  // [end]
}

absl::Status LogStore::Accept(const Ballot& ballot,
                              const google::protobuf::RepeatedPtrField<Entry>& entries) {
  // [solution: Make the entries, and by that a promise, durable (handout 2C, step 1).]
  WriteBatch batch;
  std::map<LogIndex, Entry> accepted;
  for (const Entry& entry : entries) {
    if (entry.index() <= snapshot_.index()) continue;  // decided, and part of the state
    Entry& kept = accepted[entry.index()] = entry;
    *kept.mutable_ballot() = ballot;
    batch.PutMessage(EntryKey(entry.index()), kept);
  }
  if (promised_ < ballot) batch.PutMessage(kPromiseKey, ballot);
  if (batch.empty()) return absl::OkStatus();
  if (const absl::Status written = Write(batch); !written.ok()) return written;
  promised_ = ballot;
  for (auto& [index, entry] : accepted) entries_[index] = std::move(entry);
  return absl::OkStatus();
  // [end]
}

absl::Status LogStore::KeepDecided(const google::protobuf::RepeatedPtrField<Entry>& entries) {
  // [solution: Keep the entries and the new commit index in one batch (handout 2D, step 1).]
  WriteBatch batch;
  LogIndex committed = committed_;
  for (const Entry& entry : entries) {
    if (entry.index() != committed + 1) continue;
    batch.PutMessage(EntryKey(entry.index()), entry);
    committed = entry.index();
  }
  if (committed == committed_) return absl::OkStatus();
  // In one batch, so that the disk never takes for accepted what is only known to be decided.
  const LogIndex before = std::exchange(committed_, committed);
  if (const absl::Status written = Write(batch); !written.ok()) {
    committed_ = before;
    return written;
  }
  for (const Entry& entry : entries) {
    if (entry.index() > before && entry.index() <= committed) entries_[entry.index()] = entry;
  }
  return absl::OkStatus();
  // [end]
}

absl::Status LogStore::KeepSnapshot(const Snapshot& snapshot) {
  // [solution: Store the snapshot and delete what it covers, in one batch (handout 2D, step 2).]
  if (snapshot.index() <= snapshot_.index()) return absl::OkStatus();
  WriteBatch batch;
  batch.PutMessage(kSnapshotKey, snapshot);
  const auto end = entries_.upper_bound(snapshot.index());
  for (auto at = entries_.begin(); at != end; ++at) batch.Delete(EntryKey(at->first));
  const LogIndex before = committed_;
  committed_ = std::max(committed_, snapshot.index());
  if (const absl::Status written = Write(batch); !written.ok()) {
    committed_ = before;
    return written;
  }
  snapshot_ = snapshot;
  entries_.erase(entries_.begin(), end);
  return absl::OkStatus();
  // [end]
}

absl::Status LogStore::Write(WriteBatch& batch) {
  // [solution: Write the batch with the commit index, at first with a promise (handout 2C, step
  // 1).]
  if (votes_ && IsNone(promised_)) {
    // A node that has written anything, and lacks this key, has lost its disk.
    WriteBatch with_promise;
    with_promise.PutMessage(kPromiseKey, promised_);
    for (const WriteBatch::Change& change : batch.changes()) {
      change.value ? with_promise.Put(change.key, *change.value) : with_promise.Delete(change.key);
    }
    batch = std::move(with_promise);
  }
  Committed committed;
  committed.set_index(committed_);
  batch.PutMessage(kCommittedKey, committed);
  return storage_.Write(batch);
  // [end]
}

}  // namespace quorum::paxos
