#include "grader/run/sanitizer.h"

#include <algorithm>
#include <utility>

namespace quorum::run {

bool IsSanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#else
  return false;
#endif
}

void AddSanitizerVariables(bool reuse_memory, std::vector<std::string>& variables) {
  // The sanitizer's allocator must be there before anything allocates.
  if (!IsSanitized()) variables.push_back("LD_PRELOAD=" QUORUM_LIBASAN);
  // Leaks are no fault of a node that dies with its process; memory has the same bound as without.
  std::string options = "ASAN_OPTIONS=detect_leaks=0:hard_rss_limit_mb=2048:exitcode=99";
  if (reuse_memory) options += ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0";
  variables.push_back(std::move(options));
  variables.push_back("UBSAN_OPTIONS=print_stacktrace=1:exitcode=99");
}

std::string SanitizerReport(const std::string& output) {
  // UBSan begins with "file:line: runtime error", ASan with a line of equal signs.
  std::size_t begin = output.find("=================");
  const std::size_t undefined = output.find(": runtime error: ");
  if (undefined != output.npos && undefined < begin) {
    begin = output.rfind('\n', undefined);
    begin = begin == output.npos ? 0 : begin + 1;
  }
  if (begin == output.npos) begin = 0;
  // The bytes around the place, and a map of all memory, say little to most readers.
  std::size_t end = output.find("Shadow bytes around", begin);
  end = std::min(end, output.find("Process memory map", begin));
  return output.substr(begin, end == output.npos ? end : end - begin);
}

}  // namespace quorum::run
