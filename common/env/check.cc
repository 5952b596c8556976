#include "common/env/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace quorum {
namespace {

std::atomic<CheckFailureHandler> failure_handler{nullptr};

}  // namespace

CheckFailureHandler SetCheckFailureHandler(CheckFailureHandler handler) {
  return failure_handler.exchange(handler);
}

void CheckFailed(std::string_view sentence, SourcePlace where) {
  if (CheckFailureHandler handler = failure_handler.load()) {
    handler(sentence, where);
  }
  std::fprintf(stderr, "%s:%d: this does not hold: %.*s\n", where.file, where.line,
               static_cast<int>(sentence.size()), sentence.data());
  std::abort();
}

}  // namespace quorum
