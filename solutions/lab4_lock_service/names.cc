#include "labs/lab4_lock_service/names.h"

#include "common/env/not_written.h"

namespace quorum::lock_service {

absl::Status CheckPath(const std::string& path, const std::string& root) {
  // [solution: Say which names are allowed (the comment of OpenRequest; handout 4A, step 1).]
  if (path == root) return absl::OkStatus();
  if (path.size() > kMostPathBytes) {
    return absl::InvalidArgumentError("A path has at most 1024 bytes.");
  }
  if (!path.starts_with(root + "/")) {
    return absl::InvalidArgumentError("Every path of this cell begins with " + root + "/.");
  }
  std::size_t begin = root.size() + 1;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string component = path.substr(begin, end - begin);
    if (component.empty() || component.size() > kMostComponentBytes || component == "." ||
        component == "..") {
      return absl::InvalidArgumentError(
          "A component of a path has 1 to 255 bytes and is neither \".\" nor \"..\".");
    }
    begin = end + 1;
  }
  return absl::OkStatus();
  // [end]
}

std::string ParentOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string LastOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::uint64_t ChecksumOf(std::string_view contents) {
  // [solution: Compute FNV-1a over the bytes (handout 4A, step 1).]
  std::uint64_t hash = 14'695'981'039'346'656'037u;
  for (const char byte : contents) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 1'099'511'628'211u;
  }
  return hash;
  // [end]
}

}  // namespace quorum::lock_service
