#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "common/env/time.h"
#include "common/storage/posix_file.h"
#include "common/storage/synced_record.h"

namespace quorum {

/// Whose data a folder holds.
struct NodeIdentity {
  std::string lab;
  std::string role;
  NodeId node = 0;

  friend bool operator==(const NodeIdentity&, const NodeIdentity&) = default;
};

/// The folder of one node's data, locked for this process:
/// - `identity.json`: whose data it is, and the version of this layout;
/// - `synced`: how much of the database's log is durable;
/// - `database/`: the RocksDB database.
/// Beside a folder `node-3` lies `node-3.booted` from the moment when the node has made something
/// durable for the first time: it outlives the folder, so a node that lost its data can know.
class DataFolder {
 public:
  /// Opens the folder at `path`, or makes one where there is nothing. An error is one sentence that
  /// says why this is not, or is no longer, the data of that node.
  static absl::StatusOr<DataFolder> Open(const std::filesystem::path& path,
                                         const NodeIdentity& identity);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "database"; }

  /// True until something has been made durable, in this folder or one before it at this path.
  bool first_boot() const { return !booted_; }

  /// How far the database's log is known to be durable.
  std::uint64_t synced() const { return synced_.sequence(); }

  /// The database's log is durable up to `sequence`.
  absl::Status SetSynced(std::uint64_t sequence);

  /// Makes what `SetSynced` was last told durable too.
  absl::Status Sync() { return synced_.Sync(); }

 private:
  DataFolder(std::filesystem::path path, FileDescriptor lock, SyncedRecord synced, bool booted);
  absl::Status SetBooted();

  std::filesystem::path path_;
  FileDescriptor lock_;
  SyncedRecord synced_;
  bool booted_;
};

}  // namespace quorum
