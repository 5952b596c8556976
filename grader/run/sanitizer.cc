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

namespace {

/// What the grader was doing when it called the code in question does not help its author. Stacks
/// end where the grader begins, unless the grader itself is where it happened.
std::string WithoutOurFrames(const std::string& report) {
  std::string kept;
  bool in_theirs = false;  // a frame of theirs has been seen in this stack
  bool in_ours = false;    // and behind it one of ours
  for (std::size_t begin = 0; begin < report.size();) {
    const std::size_t end = std::min(report.find('\n', begin), report.size() - 1) + 1;
    const std::string line = report.substr(begin, end - begin);
    begin = end;
    const bool frame = line.find_first_not_of(' ') == line.find('#') && line[0] == ' ';
    if (!frame || line.find("#0 ") != line.npos) in_theirs = in_ours = false;
    if (frame) {
      const bool source = line.find(".cc:") != line.npos || line.find(".h:") != line.npos;
      const bool ours = line.find("/grader/") != line.npos;
      in_theirs = in_theirs || (source && !ours && line.find(" /usr/") == line.npos);
      in_ours = in_ours || (in_theirs && ours);
    }
    if (!in_ours) kept += line;
  }
  return kept;
}

}  // namespace

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
  return WithoutOurFrames(output.substr(begin, end == output.npos ? end : end - begin));
}

}  // namespace quorum::run
