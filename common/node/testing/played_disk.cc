#include "common/node/testing/played_disk.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/env/check.h"
#include "common/storage/posix_file.h"

namespace quorum::testing {

PlayedDisk::PlayedDisk(std::filesystem::path control, std::filesystem::path data)
    : file_(std::move(control)), data_(std::move(data)) {
  const auto file = OpenFile(file_, O_RDWR | O_CREAT | O_TRUNC);
  Check(file.ok() && ::ftruncate(file->get(), sizeof(DiskControl)) == 0, "A file can be made.");
  void* mapped =
      ::mmap(nullptr, sizeof(DiskControl), PROT_READ | PROT_WRITE, MAP_SHARED, file->get(), 0);
  Check(mapped != MAP_FAILED, "A file can be mapped.");
  control_ = static_cast<DiskControl*>(mapped);
}

PlayedDisk::~PlayedDisk() { ::munmap(control_, sizeof(DiskControl)); }

std::vector<std::string> PlayedDisk::CommandPrefix() const {
  return {"/usr/bin/env", "LD_PRELOAD=" PLAYED_DISK_PRELOAD,
          absl::StrCat(kDiskControl, "=", file_.string()),
          // AddressSanitizer wants to be loaded first; it does without.
          "ASAN_OPTIONS=verify_asan_link_order=0"};
}

std::uint64_t PlayedDisk::LosePower() {
  std::uint64_t lost = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data_ / "database")) {
    if (entry.path().extension() != ".log") continue;
    struct stat info = {};
    if (::stat(entry.path().c_str(), &info) != 0) continue;
    const std::uint64_t durable = control_->At(info.st_ino).durable;
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (durable >= size) continue;
    std::filesystem::resize_file(entry.path(), durable);
    lost += size - durable;
  }
  control_->hangs = 0;
  return lost;
}

}  // namespace quorum::testing
