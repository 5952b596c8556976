#include "common/storage/synced_record.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quorum {
namespace {

constexpr std::chrono::seconds kSyncInterval{1};

struct Content {
  char magic[8] = {'q', 's', 'y', 'n', 'c', 'e', 'd', '1'};
  std::uint64_t sequence = 0;
  std::uint64_t checksum = 0;

  std::uint64_t Checksum() const { return XXH64(this, offsetof(Content, checksum), 0); }
};
static_assert(sizeof(Content) == 24);

std::string Encode(std::uint64_t sequence) {
  Content content;
  content.sequence = sequence;
  content.checksum = content.Checksum();
  return std::string(reinterpret_cast<const char*>(&content), sizeof content);
}

}  // namespace

SyncedRecord::SyncedRecord(std::filesystem::path path, FileDescriptor file, std::uint64_t sequence)
    : path_(std::move(path)),
      file_(std::move(file)),
      sequence_(sequence),
      last_sync_(std::chrono::steady_clock::now()) {}

absl::Status SyncedRecord::Create(const std::filesystem::path& path) {
  return WriteFileDurably(path, Encode(0));
}

absl::StatusOr<SyncedRecord> SyncedRecord::Open(const std::filesystem::path& path) {
  absl::StatusOr<std::string> bytes = ReadFile(path);
  if (!bytes.ok()) return bytes.status();
  Content content;
  if (bytes->size() == sizeof content) std::memcpy(&content, bytes->data(), sizeof content);
  if (bytes->size() != sizeof content || content.checksum != content.Checksum() ||
      std::memcmp(content.magic, Content().magic, sizeof content.magic) != 0) {
    return absl::DataLossError(absl::StrCat(path.string(), " is not as it was written"));
  }
  absl::StatusOr<FileDescriptor> file = OpenFile(path, O_WRONLY);
  if (!file.ok()) return file.status();
  return SyncedRecord(path, *std::move(file), content.sequence);
}

absl::Status SyncedRecord::Advance(std::uint64_t sequence) {
  const std::string bytes = Encode(sequence);
  if (::pwrite(file_.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return SystemError("write", path_);
  }
  sequence_ = sequence;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_sync_ < kSyncInterval) return absl::OkStatus();
  last_sync_ = now;
  return Sync();
}

absl::Status SyncedRecord::Sync() {
  return ::fdatasync(file_.get()) == 0 ? absl::OkStatus() : SystemError("sync", path_);
}

}  // namespace quorum
