#pragma once

#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "common/storage/data_folder.h"
#include "common/storage/durable_store.h"
#include "common/storage/log_files.h"

namespace rocksdb {
class Env;
}

namespace quorum {

/// What a store on RocksDB can be told.
struct RocksdbOptions {
  /// Called when data that is there cannot be read, or a write fails for another reason than a full
  /// disk: nothing can be trusted any more. Must not return; null ends the process with a sentence.
  absl::AnyInvocable<void(const absl::Status& status)> die = nullptr;
  /// Writes are refused as if the disk were full when fewer bytes are free, so that RocksDB itself
  /// never runs out of space half way.
  std::uint64_t reserve_bytes = 64 << 20;
  /// The free bytes of the file system; null asks it. For tests.
  absl::AnyInvocable<std::uint64_t()> free_bytes = nullptr;
  /// Makes a file or folder durable; null is `SyncPath`. For tests.
  LogFiles::SyncFile sync_file = nullptr;
  /// What RocksDB calls the system through; null is the system. For tests; outlives the store.
  rocksdb::Env* env = nullptr;
};

/// Opens the database of `folder`, or makes it when nothing in it has ever been durable. Everything
/// is read once and checksums compared: an error says in one sentence that synced data is damaged
/// or missing, and leaves all files as they are.
absl::StatusOr<std::unique_ptr<DurableStore>> OpenRocksdbStore(DataFolder folder,
                                                               RocksdbOptions options = {});

}  // namespace quorum
