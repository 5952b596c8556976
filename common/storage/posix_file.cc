#include "common/storage/posix_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace quorum {

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

absl::Status SystemError(std::string_view what, const std::filesystem::path& path) {
  const int error = errno;
  return absl::ErrnoToStatus(error, absl::StrCat("Cannot ", std::string(what), " ", path.string()));
}

absl::StatusOr<FileDescriptor> OpenFile(const std::filesystem::path& path, int flags) {
  FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  if (file.get() < 0) return SystemError("open", path);
  return file;
}

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path) {
  absl::StatusOr<FileDescriptor> file = OpenFile(path, O_RDONLY);
  if (!file.ok()) return file.status();
  std::string content;
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::read(file->get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError("read", path);
    if (count == 0) return content;
    content.append(buffer, static_cast<std::size_t>(count));
  }
}

absl::Status SyncPath(const std::filesystem::path& path) {
  absl::StatusOr<FileDescriptor> file = OpenFile(path, O_RDONLY);
  if (!file.ok()) return file.status();
  return ::fdatasync(file->get()) == 0 ? absl::OkStatus() : SystemError("sync", path);
}

absl::Status WriteFileDurably(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::path draft = path;
  draft += ".tmp";
  {
    absl::StatusOr<FileDescriptor> file = OpenFile(draft, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.ok()) return file.status();
    while (!content.empty()) {
      const ssize_t count = ::write(file->get(), content.data(), content.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return SystemError("write", draft);
      content.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::fsync(file->get()) != 0) return SystemError("sync", draft);
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) return SystemError("create", path);
  return SyncPath(path.has_parent_path() ? path.parent_path() : ".");
}

}  // namespace quorum
