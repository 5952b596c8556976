#include "labs/lab1_hash_ring/records.h"

#include <algorithm>
#include <tuple>

#include "common/env/not_written.h"

namespace quorum::hash_ring {
namespace {

constexpr std::string_view kRecordPrefix = "record/";

}  // namespace

bool Newer(const Version& a, const Version& b) {
  NotWritten("Compare epochs, then counters (handout 1C, step 2).");
}

bool Earlier(const RequestId& a, const RequestId& b) {
  NotWritten("Compare incarnations, then sequences (handout 1C, step 2).");
}

std::string RecordKey(std::string_view key) { return std::string(kRecordPrefix).append(key); }

std::optional<Record> FindRecord(const Storage& storage, std::string_view key) {
  return GetMessage<Record>(storage, RecordKey(key));
}

Record Execute(const WriteRequest& write, const std::optional<Record>& before) {
  NotWritten(
      "Make the next version, the new value, and a note of the writer (handout 1C, step 2).");
}

const Executed* LastWriteOf(const RequestId& id, const Record& record) {
  NotWritten("Look for the client in record.executed (handout 1C, step 2).");
}

void PutNewer(const Storage& storage, const std::vector<Record>& records, WriteBatch& batch) {
  NotWritten("Compare each record with the one on the disk (handout 1C, step 2).");
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
