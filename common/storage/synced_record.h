#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "absl/status/statusor.h"
#include "common/storage/posix_file.h"

namespace quorum {

/// A small file that says how much of a write-ahead log has been made durable, so that recovery can
/// tell a damaged record that was synced (refuse to boot) from the torn end of what was not (drop
/// it). It is overwritten in place, in one sector, after each sync of the log. It becomes durable
/// itself at most a second later, to spare every sync a second one: after a crash of the process it
/// is exact, after a power failure it may be one second behind, and never ahead.
class SyncedRecord {
 public:
  /// Makes the record of a new log, of which nothing is durable.
  static absl::Status Create(const std::filesystem::path& path);

  /// Reads the record. An error says that it is missing or damaged.
  static absl::StatusOr<SyncedRecord> Open(const std::filesystem::path& path);

  /// The log is durable up to this sequence number.
  std::uint64_t sequence() const { return sequence_; }

  /// The log is durable up to `sequence` from now on.
  absl::Status Advance(std::uint64_t sequence);

  /// Makes the record itself durable.
  absl::Status Sync();

 private:
  SyncedRecord(std::filesystem::path path, FileDescriptor file, std::uint64_t sequence);

  std::filesystem::path path_;
  FileDescriptor file_;
  std::uint64_t sequence_;
  std::chrono::steady_clock::time_point last_sync_;
};

}  // namespace quorum
