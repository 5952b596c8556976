#include "labs/lab2_paxos/log_store.h"

#include <algorithm>

#include "common/env/not_written.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
LogStore::LogStore(Storage& storage, const NodeConfig& config) : storage_(storage) {
  NotWritten("Read what an earlier boot has left; notice a lost disk (handout 2C, step 1).");
}

const Entry* LogStore::Find(LogIndex index) const {
  const auto found = entries_.find(index);
  return found == entries_.end() ? nullptr : &found->second;
}

absl::Status LogStore::Promise(const Ballot& ballot) {
  NotWritten("Make the promise durable (handout 2C, step 1).");
}

PrepareLogResponse LogStore::Report(LogIndex known) const {
  NotWritten("Report every accepted entry that the candidate needs (handout 2C, step 2).");
}

absl::Status LogStore::Accept(const Ballot& ballot,
                              const google::protobuf::RepeatedPtrField<Entry>& entries) {
  NotWritten("Make the entries, and by that a promise, durable (handout 2C, step 1).");
}

absl::Status LogStore::KeepDecided(const google::protobuf::RepeatedPtrField<Entry>& entries) {
  NotWritten("Keep the entries and the new commit index in one batch (handout 2D, step 1).");
}

absl::Status LogStore::KeepSnapshot(const Snapshot& snapshot) {
  NotWritten("Store the snapshot and delete what it covers, in one batch (handout 2D, step 2).");
}

absl::Status LogStore::Write(WriteBatch& batch) {
  NotWritten(
      "Write the batch with the commit index, at first with a promise (handout 2C, step 1).");
}

}  // namespace quorum::paxos
