#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/storage/storage.h"
#include "labs/lab1_hash_ring/hash_ring.pb.h"

namespace quorum::hash_ring {

/// Whether `a` was written after `b`.
bool Newer(const Version& a, const Version& b);

/// The record of `key` on this disk; nothing when the key was never written.
std::optional<Record> FindRecord(const Storage& storage, std::string_view key);

/// The record that `write` makes of `before`, in the epoch of the request.
Record Execute(const WriteRequest& write, const std::optional<Record>& before);

/// What `record` remembers of the client that sent `id`; null when it has not written the key.
const Executed* LastWriteOf(const RequestId& id, const Record& record);

/// Whether `a` names an earlier write of the same client than `b`.
bool Earlier(const RequestId& a, const RequestId& b);

/// Adds to `batch` those of `records` that are newer than what the disk holds.
void PutNewer(const Storage& storage, const std::vector<Record>& records, WriteBatch& batch);

/// Calls `visit(record)` for each record on this disk, in ascending order of the keys, until it
/// answers false.
void ForEachRecord(const Storage& storage, absl::FunctionRef<bool(const Record& record)> visit);

/// Where the record of `key` lies on a disk.
std::string RecordKey(std::string_view key);

}  // namespace quorum::hash_ring
