#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/node/testing/disk_control.h"

namespace quorum::testing {

/// The disk of one node that runs as a process, held in the hand of a test: it can be full, hang,
/// and lose at a power failure what was not synced. The functions of the C library that write and
/// sync are played (LD_PRELOAD), so the program is the one that is used, and no root is needed.
class PlayedDisk {
 public:
  /// `control` is a file that this makes; `data` the node's folder.
  PlayedDisk(std::filesystem::path control, std::filesystem::path data);
  ~PlayedDisk();
  PlayedDisk(const PlayedDisk&) = delete;
  PlayedDisk& operator=(const PlayedDisk&) = delete;

  /// What to put before a command, so that it runs on this disk.
  std::vector<std::string> CommandPrefix() const;

  void SetSpace(DiskControl::Space space) { control_->space = space; }
  /// From now on a sync waits until the disk hangs no more.
  void SetHanging(bool hangs) { control_->hangs = hangs ? 1 : 0; }
  std::uint64_t syncs() const { return control_->syncs; }

  /// Takes from the database's log what was never synced, as a power failure may; the process is
  /// dead. The number of bytes lost.
  std::uint64_t LosePower();

 private:
  const std::filesystem::path file_;
  const std::filesystem::path data_;
  DiskControl* control_;
};

}  // namespace quorum::testing
