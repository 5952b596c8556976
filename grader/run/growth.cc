#include "grader/run/growth.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace quorum::run {
namespace {

/// The number at `text`, which is moved behind it and the blank that follows.
std::uint64_t NextNumber(const char*& text) {
  std::uint64_t number = 0;
  while (*text >= '0' && *text <= '9') number = 10 * number + (*text++ - '0');
  if (*text == ' ') ++text;
  return number;
}

}  // namespace

ProcessSize OwnSize() {
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::array<char, 128> buffer = {};
  const ssize_t got = read(file, buffer.data(), buffer.size() - 1);
  close(file);
  if (got <= 0) return {};
  const char* text = buffer.data();
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t mapped = NextNumber(text);
  const std::uint64_t resident = NextNumber(text);
  return {mapped * page, resident * page};
}

void Growth::Begin(std::uint64_t bytes) {
  largest_[0] = bytes;
  taken_ = 1;
}

void Growth::Sample(std::uint64_t bytes) {
  if (taken_ == 0) return Begin(bytes);
  if (taken_ == kSamples) return;
  largest_[taken_] = std::max(bytes, largest_[taken_ - 1]);
  ++taken_;
}

bool Growth::GoesOn() const {
  if (taken_ < 2) return false;
  const std::uint64_t all = largest_[taken_ - 1] - largest_[0];
  const std::uint64_t late = largest_[taken_ - 1] - largest_[(taken_ - 1) / 3];
  return all >= least_ && late >= all / 8;
}

}  // namespace quorum::run
