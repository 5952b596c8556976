#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quorum {

/// A file descriptor that is closed when dropped.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();

  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

/// The last error of the system as a status whose message begins with "Cannot `what` `path`".
absl::Status SystemError(std::string_view what, const std::filesystem::path& path);

/// Opens with `flags` as open(2) has them.
absl::StatusOr<FileDescriptor> OpenFile(const std::filesystem::path& path, int flags);

/// The whole content of a file.
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path);

/// Makes the content of a file, or the entries of a folder, durable.
absl::Status SyncPath(const std::filesystem::path& path);

/// Puts a file of that content in place, durably: after a crash it is there entirely or not at all.
absl::Status WriteFileDurably(const std::filesystem::path& path, std::string_view content);

}  // namespace quorum
