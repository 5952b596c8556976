#include "common/env/not_written.h"

#include <atomic>
#include <string>

#include "common/env/check.h"

namespace quorum {
namespace {

std::atomic<NotWrittenHandler> not_written_handler{nullptr};

}  // namespace

NotWrittenHandler SetNotWrittenHandler(NotWrittenHandler handler) {
  return not_written_handler.exchange(handler);
}

void NotWritten(std::string_view what, SourcePlace where) {
  if (NotWrittenHandler handler = not_written_handler.load()) {
    handler(what, where);
  }
  CheckFailed("This is written: " + std::string(what), where);
}

}  // namespace quorum
