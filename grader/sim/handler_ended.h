#pragma once

#include <source_location>
#include <string>

#include "grader/sim/failure.h"

namespace quorum::sim {

/// Unwinds student code that cannot go on: a check of its own has failed, or it has reached a part
/// of the skeleton that is not written.
struct HandlerEnded {
  Failure::Kind kind;
  std::string sentence;
  std::source_location where;

  /// File and line, without the folder.
  std::string place() const;
};

/// From now on, a failed check and a stub that is reached throw HandlerEnded.
void InstallFailureHandlers();

}  // namespace quorum::sim
