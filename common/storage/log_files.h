#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"

namespace quorum {

/// The files in which RocksDB keeps its log. They are made durable from here, and not by RocksDB
/// (`SyncWAL`): Debian's RocksDB 7.8 ends the process when it is asked to sync a log in which a
/// write has just found no space, and whoever asks cannot know what another thread writes.
class LogFiles {
 public:
  /// Makes a file or folder durable, as `SyncPath`.
  using SyncFile = absl::AnyInvocable<absl::Status(const std::filesystem::path& path)>;

  /// `database` is RocksDB's folder.
  LogFiles(std::filesystem::path database, SyncFile sync_file)
      : database_(std::move(database)), sync_file_(std::move(sync_file)) {}

  /// Makes durable what RocksDB has written to its log before the call. After an error nobody knows
  /// what is durable, so that every further call fails. `maybe_new`: since the last call RocksDB
  /// may have begun another file, and writes to that one only.
  absl::Status Sync(bool maybe_new);

 private:
  absl::Status SyncLast();
  absl::Status SyncAll();

  const std::filesystem::path database_;
  SyncFile sync_file_;
  std::set<std::string> durable_names_;  ///< their entries in the folder are durable
  std::filesystem::path last_;           ///< the file that RocksDB writes to; empty: not known
  absl::Status failed_;
};

}  // namespace quorum
