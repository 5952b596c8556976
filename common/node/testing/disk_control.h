#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>

namespace quorum::testing {

/// What a test and a process whose disk it plays tell each other, in a file that both map. Zeros
/// are a disk that works.
struct DiskControl {
  enum Space : std::uint32_t {
    kRoom,
    kFull,   ///< the system says that no byte is free
    kQuota,  ///< it says that there is room, and refuses every byte
  };
  /// How many bytes of a file are durable: as many as there were when it was last synced.
  struct File {
    std::atomic<ino_t> inode;
    std::atomic<std::uint64_t> durable;
  };

  std::atomic<std::uint32_t> space;
  std::atomic<std::uint32_t> hangs;  ///< nothing becomes durable, and nobody is told
  std::atomic<std::uint64_t> syncs;  ///< how many there were
  File files[1024];

  /// The file's place, which is empty if it was never synced.
  File& At(ino_t inode) {
    std::size_t at = inode % 1024;
    while (files[at].inode != 0 && files[at].inode != inode) at = (at + 1) % 1024;
    return files[at];
  }
};

/// Names the file, in the process's environment.
inline constexpr const char* kDiskControl = "QUORUM_DISK_CONTROL";

}  // namespace quorum::testing
