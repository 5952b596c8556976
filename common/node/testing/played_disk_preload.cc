// Loaded into a process before the C library (LD_PRELOAD), so that a test holds its disk in the
// hand: see played_disk.h. What it does not play it passes on.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "common/node/testing/disk_control.h"

namespace {

using quorum::testing::DiskControl;

DiskControl& Control() {
  static DiskControl* const control = [] {
    static DiskControl none;
    const char* name = std::getenv(quorum::testing::kDiskControl);
    const int file = name == nullptr ? -1 : ::open(name, O_RDWR | O_CLOEXEC);
    if (file < 0) return &none;
    void* mapped = ::mmap(nullptr, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    return mapped == MAP_FAILED ? &none : static_cast<DiskControl*>(mapped);
  }();
  return *control;
}

/// The C library's own function of that name.
template <class Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

template <class Function>
int PlaySync(Function* sync, int file) {
  DiskControl& control = Control();
  while (control.hangs != 0) ::usleep(1000);
  struct stat before = {};
  ::fstat(file, &before);
  const int result = sync(file);
  if (result != 0 || !S_ISREG(before.st_mode)) return result;
  DiskControl::File& place = control.At(before.st_ino);
  place.durable = static_cast<std::uint64_t>(before.st_size);
  place.inode = before.st_ino;
  ++control.syncs;
  return result;
}

bool Refused(int file) {
  if (Control().space != DiskControl::kQuota) return false;
  struct stat info = {};
  return ::fstat(file, &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

// Their declarations in the system's headers differ in attributes only.
extern "C" {

int fdatasync(int file) {
  static auto* const next = Next<int(int)>("fdatasync");
  return PlaySync(next, file);
}

int fsync(int file) {
  static auto* const next = Next<int(int)>("fsync");
  return PlaySync(next, file);
}

ssize_t write(int file, const void* bytes, size_t count) {
  static auto* const next = Next<ssize_t(int, const void*, size_t)>("write");
  if (!Refused(file)) return next(file, bytes, count);
  errno = ENOSPC;
  return -1;
}

int fallocate(int file, int mode, off_t offset, off_t length) {
  static auto* const next = Next<int(int, int, off_t, off_t)>("fallocate");
  if (!Refused(file)) return next(file, mode, offset, length);
  errno = ENOSPC;
  return -1;
}

int statvfs(const char* path, struct statvfs* info) {
  static auto* const next = Next<int(const char*, struct statvfs*)>("statvfs");
  const int result = next(path, info);
  if (result == 0 && Control().space == DiskControl::kFull) info->f_bavail = 0;
  return result;
}

}  // extern "C"
