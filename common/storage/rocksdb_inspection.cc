#include "common/storage/rocksdb_inspection.h"

#include <rocksdb/db.h>
#include <rocksdb/wal_filter.h>
#include <rocksdb/write_batch.h>

#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quorum {
namespace {

/// Looks at the records of the log as they are replayed. RocksDB numbers changes from 1 and puts
/// the number of a batch's first change before the batch.
class LogReader : public rocksdb::WalFilter {
 public:
  /// `tables_only`: stops before the first record, so that the database is what its tables hold.
  explicit LogReader(bool tables_only) : tables_only_(tables_only) {}

  const char* Name() const override { return "quorum.LogReader"; }

  WalProcessingOption LogRecordFound(unsigned long long, const std::string&,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch*,
                                     bool*) override {
    if (tables_only_) return WalProcessingOption::kStopReplay;
    std::uint64_t number = 0;
    std::memcpy(&number, batch.Data().data(), sizeof number);
    if (!first_) first_ = number;
    if (next_ && number > *next_ && !gap_) gap_ = {*next_, number};
    next_ = number + static_cast<std::uint64_t>(batch.Count());
    return WalProcessingOption::kContinueProcessing;
  }

  /// The number of the first change in the log.
  std::optional<std::uint64_t> first() const { return first_; }
  /// Where a record is followed by one that does not continue it.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> gap() const { return gap_; }

 private:
  const bool tables_only_;
  std::optional<std::uint64_t> first_, next_;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> gap_;
};

using Database = std::unique_ptr<rocksdb::DB>;

rocksdb::Status OpenForReading(rocksdb::Options options, const std::string& path,
                               LogReader& log_reader, Database& database) {
  options.create_if_missing = false;
  options.wal_filter = &log_reader;
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, path, &opened);
  database.reset(opened);
  return status;
}

absl::Status Missing(std::uint64_t from, std::uint64_t to) {
  return absl::DataLossError(absl::StrCat("of its synced changes, number ", from, " to ", to,
                                          " can be read neither from its tables nor from its log"));
}

absl::Status FromRocksdb(const rocksdb::Status& status) {
  return status.ok() ? absl::OkStatus() : absl::DataLossError(status.ToString());
}

}  // namespace

absl::Status InspectDatabase(const rocksdb::Options& options, const std::string& path,
                             std::uint64_t synced) {
  Database database;
  LogReader no_log(/*tables_only=*/true);
  rocksdb::Status status = OpenForReading(options, path, no_log, database);
  if (status.ok()) status = database->VerifyChecksum();
  if (!status.ok()) return FromRocksdb(status);
  const std::uint64_t in_tables = database->GetLatestSequenceNumber();

  LogReader log(/*tables_only=*/false);
  status = OpenForReading(options, path, log, database);
  if (!status.ok()) return FromRocksdb(status);
  // A damaged list of tables is taken for a shorter one; the log then begins too late.
  if (log.first() && *log.first() > in_tables + 1) return Missing(in_tables + 1, *log.first() - 1);
  if (log.gap()) return Missing(log.gap()->first, log.gap()->second - 1);
  const std::uint64_t recovered = database->GetLatestSequenceNumber();
  return recovered < synced ? Missing(recovered + 1, synced) : absl::OkStatus();
}

}  // namespace quorum
