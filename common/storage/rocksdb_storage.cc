#include "common/storage/rocksdb_storage.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/write_batch.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/storage/rocksdb_inspection.h"

namespace quorum {
namespace {

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

absl::Status Full(const std::string& path) {
  return absl::ResourceExhaustedError(
      absl::StrCat("The disk of ", path, " is full; free some space."));
}

absl::Status Damaged(const DataFolder& folder, const std::string& what) {
  return absl::DataLossError(
      absl::StrCat("The data folder ", folder.path().string(), " is damaged: ", what,
                   "; restore it from a copy, or remove it and give the node a new id."));
}

/// How the log is read after a crash. A power failure may leave the end of the log that was not
/// synced torn, which is no damage; synced records must all be there.
/// - kTolerateCorruptedTailRecords refuses such a torn end when pages of it reached the disk out of
///   order, and lets a synced record at the end of the log vanish if it looks cut off.
/// - kAbsoluteConsistency refuses every torn end.
/// - kPointInTimeRecovery, RocksDB's default, keeps what precedes the first bad record, and by
///   itself drops synced records silently.
/// So we take the last and check afterwards that it got as far as `SyncedRecord` says it must. What
/// remains: a record that was synced in the second before a power failure *and* was damaged before
/// the next boot is taken for a torn end.
constexpr auto kRecoveryMode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;

/// What RocksDB tells of itself.
class Listener : public rocksdb::EventListener {
 public:
  /// Whether it may have begun another file of its log since this was last asked.
  bool MaybeNewLog() { return maybe_new_log_.exchange(false); }
  void DatabaseOpened() { maybe_new_log_ = true; }

 private:
  /// It is not to wait for free space by itself: the store is opened anew at a later write.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* automatic) override {
    *automatic = false;
  }
  /// The next memtable's file of the log is there, and nothing has been written to it.
  void OnMemTableSealed(const rocksdb::MemTableInfo&) override { maybe_new_log_ = true; }

  std::atomic<bool> maybe_new_log_ = true;
};

/// RocksDB's diary for people. In a file, as usual, it would end the process (7.8): at the second
/// line after one for which the disk had no space. What matters comes back as a status.
class NoDiary : public rocksdb::Logger {
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::Options DatabaseOptions(rocksdb::Env* env, std::shared_ptr<Listener> listener) {
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  options.create_if_missing = true;
  options.wal_recovery_mode = kRecoveryMode;
  options.paranoid_checks = true;
  options.write_buffer_size = 16 << 20;
  options.max_background_jobs = 2;
  options.listeners.push_back(std::move(listener));
  options.info_log = std::make_shared<NoDiary>();
  return options;
}

absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenDatabase(
    const DataFolder& folder, rocksdb::Env* env, const std::shared_ptr<Listener>& listener) {
  rocksdb::Options options = DatabaseOptions(env, listener);
  const std::string path = folder.database().string();
  if (folder.synced() > 0) {
    options.create_if_missing = false;
    const absl::Status status = InspectDatabase(options, path, folder.synced());
    if (!status.ok()) return Damaged(folder, std::string(status.message()));
  }
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, path, &opened);
  if (status.IsNoSpace()) return Full(folder.path().string());
  if (!status.ok()) return Damaged(folder, status.ToString());
  listener->DatabaseOpened();
  return std::unique_ptr<rocksdb::DB>(opened);
}

class RocksdbStore : public DurableStore {
 public:
  RocksdbStore(DataFolder folder, RocksdbOptions options, std::shared_ptr<Listener> listener,
               std::unique_ptr<rocksdb::DB> database)
      : folder_(std::move(folder)),
        options_(std::move(options)),
        listener_(std::move(listener)),
        database_(std::move(database)),
        log_files_(folder_.database(),
                   options_.sync_file ? std::move(options_.sync_file) : SyncPath) {}
  ~RocksdbStore() override;

  std::optional<std::string> Get(std::string_view key) const override;
  void Scan(std::string_view prefix,
            absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const override;
  absl::Status Append(const WriteBatch& batch) override;
  absl::Status Flush() override;

 private:
  [[noreturn]] void Die(const absl::Status& reason) const;
  [[noreturn]] void Die(const std::string& doing, const rocksdb::Status& status) const;
  bool HasRoom();
  bool Reopen();

  std::mutex reopening_;  ///< keeps `Flush` and `Reopen` apart; all else is one thread's
  DataFolder folder_;
  mutable RocksdbOptions options_;
  const std::shared_ptr<Listener> listener_;
  std::unique_ptr<rocksdb::DB> database_;  ///< for reading only while `was_full_`, if need be
  LogFiles log_files_;
  bool was_full_ = false;  ///< the last write found no space
};

RocksdbStore::~RocksdbStore() {
  // So that an orderly end leaves an exact record. Whatever fails here is found at the next boot.
  if (RocksdbStore::Flush().ok()) folder_.Sync().IgnoreError();
}

std::optional<std::string> RocksdbStore::Get(std::string_view key) const {
  std::string value;
  const rocksdb::Status status = database_->Get(
      rocksdb::ReadOptions(), database_->DefaultColumnFamily(), ToSlice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) Die("read", status);
  return value;
}

void RocksdbStore::Scan(std::string_view prefix,
                        absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const {
  const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(rocksdb::ReadOptions()));
  for (at->Seek(ToSlice(prefix)); at->Valid(); at->Next()) {
    if (!at->key().starts_with(ToSlice(prefix)) || !visit(ToView(at->key()), ToView(at->value()))) {
      break;
    }
  }
  if (!at->status().ok()) Die("read", at->status());
}

absl::Status RocksdbStore::Append(const WriteBatch& batch) {
  if (batch.empty()) return absl::OkStatus();
  rocksdb::WriteBatch changes;
  for (const WriteBatch::Change& change : batch.changes()) {
    if (change.value) {
      changes.Put(change.key, *change.value);
    } else {
      changes.Delete(change.key);
    }
  }
  // Twice, because what the first attempt meets may be old news: RocksDB also refuses to write
  // after a compaction found the disk full, however much room there is by now.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!HasRoom() || (was_full_ && !Reopen())) break;
    const rocksdb::Status status = database_->Write(rocksdb::WriteOptions(), &changes);
    if (status.ok()) return absl::OkStatus();
    if (!status.IsNoSpace()) Die("write", status);
    was_full_ = true;
  }
  return Full(folder_.path().string());
}

/// RocksDB writes again after an error when told to (`Resume`), but Debian's 7.8 then sometimes
/// waits for ever: for a flush that it does not begin because a compaction fails meanwhile. What a
/// new process would do needs no such trust. False when the disk is still full.
bool RocksdbStore::Reopen() {
  const std::lock_guard lock(reopening_);
  database_.reset();
  absl::StatusOr<std::unique_ptr<rocksdb::DB>> opened =
      OpenDatabase(folder_, options_.env, listener_);
  if (opened.ok()) {
    database_ = *std::move(opened);
    was_full_ = false;
    return true;
  }
  if (!absl::IsResourceExhausted(opened.status())) Die(opened.status());
  rocksdb::DB* readable = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(
      DatabaseOptions(options_.env, listener_), folder_.database().string(), &readable);
  if (!status.ok()) Die("read", status);
  database_.reset(readable);
  return false;
}

absl::Status RocksdbStore::Flush() {
  const std::lock_guard lock(reopening_);
  const std::uint64_t sequence = database_->GetLatestSequenceNumber();
  if (sequence == folder_.synced()) return absl::OkStatus();
  const absl::Status status = log_files_.Sync(listener_->MaybeNewLog());
  return status.ok() ? folder_.SetSynced(sequence) : status;
}

bool RocksdbStore::HasRoom() {
  if (options_.free_bytes) return options_.free_bytes() >= options_.reserve_bytes;
  struct statvfs info;
  if (::statvfs(folder_.path().c_str(), &info) == 0 &&
      info.f_bavail * info.f_frsize < options_.reserve_bytes) {
    return false;
  }
  if (!was_full_) return true;
  // A quota shows only when one asks for the space.
  const std::filesystem::path probe = folder_.path() / "probe.tmp";
  const absl::StatusOr<FileDescriptor> file = OpenFile(probe, O_WRONLY | O_CREAT);
  const bool room = file.ok() && (::fallocate(file->get(), 0, 0,
                                              static_cast<off_t>(options_.reserve_bytes)) == 0 ||
                                  errno == EOPNOTSUPP);
  ::unlink(probe.c_str());
  return room;
}

void RocksdbStore::Die(const absl::Status& reason) const {
  if (options_.die) options_.die(reason);
  std::fprintf(stderr, "%s\n", std::string(reason.message()).c_str());
  std::_Exit(1);
}

void RocksdbStore::Die(const std::string& doing, const rocksdb::Status& status) const {
  Die(absl::DataLossError(absl::StrCat("The database in ", folder_.path().string(), " cannot ",
                                       doing, " any more: ", status.ToString(), ".")));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DurableStore>> OpenRocksdbStore(DataFolder folder,
                                                               RocksdbOptions options) {
  auto listener = std::make_shared<Listener>();
  absl::StatusOr<std::unique_ptr<rocksdb::DB>> database =
      OpenDatabase(folder, options.env, listener);
  if (!database.ok()) return database.status();
  return std::make_unique<RocksdbStore>(std::move(folder), std::move(options), std::move(listener),
                                        *std::move(database));
}

}  // namespace quorum
