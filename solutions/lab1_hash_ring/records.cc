#include "labs/lab1_hash_ring/records.h"

#include <algorithm>
#include <tuple>

// [skeleton: #include "common/env/not_written.h"]

namespace quorum::hash_ring {
namespace {

constexpr std::string_view kRecordPrefix = "record/";

}  // namespace

bool Newer(const Version& a, const Version& b) {
  // [solution: Compare epochs, then counters (handout 1C, step 2).]
  return std::tuple(a.epoch(), a.counter()) > std::tuple(b.epoch(), b.counter());
  // [end]
}

bool Earlier(const RequestId& a, const RequestId& b) {
  // [solution: Compare incarnations, then sequences (handout 1C, step 2).]
  return std::tuple(a.incarnation(), a.sequence()) < std::tuple(b.incarnation(), b.sequence());
  // [end]
}

std::string RecordKey(std::string_view key) { return std::string(kRecordPrefix).append(key); }

std::optional<Record> FindRecord(const Storage& storage, std::string_view key) {
  return GetMessage<Record>(storage, RecordKey(key));
}

Record Execute(const WriteRequest& write, const std::optional<Record>& before) {
  // [solution: Make the next version, the new value, and a note of the writer (handout 1C, step
  // 2).]
  Record record = before.value_or(Record());
  record.set_key(write.key());
  // The first write of an epoch counts from 1: it is newer than all of earlier epochs.
  const bool same_epoch = record.version().epoch() == write.epoch();
  const std::uint64_t counter = same_epoch ? record.version().counter() + 1 : 1;
  record.mutable_version()->set_epoch(write.epoch());
  record.mutable_version()->set_counter(counter);
  record.set_deleted(write.kind() == DELETE);
  if (write.kind() == PUT) record.set_value(write.value());
  if (write.kind() == APPEND) record.mutable_value()->append(write.value());
  if (write.kind() == DELETE) record.clear_value();

  auto& executed = *record.mutable_executed();
  auto place = std::lower_bound(
      executed.begin(), executed.end(), write.id().client(),
      [](const Executed& entry, std::uint32_t client) { return entry.id().client() < client; });
  if (place == executed.end() || place->id().client() != write.id().client()) {
    // A repeated field grows at its end only.
    const auto index = place - executed.begin();
    executed.Add();
    std::rotate(executed.begin() + index, executed.end() - 1, executed.end());
    place = executed.begin() + index;
  }
  *place->mutable_id() = write.id();
  *place->mutable_version() = record.version();
  return record;
  // [end]
}

const Executed* LastWriteOf(const RequestId& id, const Record& record) {
  // [solution: Look for the client in record.executed (handout 1C, step 2).]
  for (const Executed& executed : record.executed()) {
    if (executed.id().client() == id.client()) return &executed;
  }
  return nullptr;
  // [end]
}

void PutNewer(const Storage& storage, const std::vector<Record>& records, WriteBatch& batch) {
  // [solution: Compare each record with the one on the disk (handout 1C, step 2).]
  for (const Record& record : records) {
    const std::optional<Record> held = FindRecord(storage, record.key());
    if (held && !Newer(record.version(), held->version())) continue;
    batch.PutMessage(RecordKey(record.key()), record);
  }
  // [end]
}

void ForEachRecord(const Storage& storage, absl::FunctionRef<bool(const Record& record)> visit) {
  Record record;
  storage.Scan(kRecordPrefix, [&](std::string_view key, std::string_view value) {
    Check(record.ParseFromArray(value.data(), static_cast<int>(value.size())),
          "A stored value is read as the record that was stored.");
    return visit(record);
  });
}

}  // namespace quorum::hash_ring
