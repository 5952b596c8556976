#pragma once

#include <string>

#include "common/env/source_place.h"
#include "grader/sim/failure.h"

namespace quorum::sim {

/// Unwinds student code that cannot go on: a check of its own has failed, or it has reached a part
/// of the skeleton that is not written.
struct HandlerEnded {
  Failure::Kind kind;
  std::string sentence;
  SourcePlace where;

  /// File and line, without the folder.
  std::string place() const;
};

/// From now on, a failed check and a stub that is reached throw HandlerEnded.
void InstallFailureHandlers();

}  // namespace quorum::sim
