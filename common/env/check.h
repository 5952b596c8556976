#pragma once

#include <string_view>

#include "common/env/source_place.h"

namespace quorum {

/// Called when a check fails; never returns. Whoever hosts a node installs its own: the real node
/// program prints the sentence and ends the process, the grader makes it a failure of that node.
using CheckFailureHandler = void (*)(std::string_view sentence, SourcePlace where);

/// Installs `handler` (null: print to standard error and abort) and returns the previous one.
CheckFailureHandler SetCheckFailureHandler(CheckFailureHandler handler);

/// Reports that an invariant of the program itself is broken. Does not return.
[[noreturn]] void CheckFailed(std::string_view sentence, SourcePlace where);

/// Ends the node when `condition` is false: an invariant that its author relies on does not hold,
/// so nothing that it would do next can be trusted. Always on. `sentence` is a full sentence that
/// states the invariant, for example "A term never falls (Raft, section 5.1)." Failures that can
/// happen to a correct program are an `absl::Status`, never a check.
inline void Check(bool condition, std::string_view sentence,
                  SourcePlace where = SourcePlace::Here()) {
  if (!condition) [[unlikely]] {
    CheckFailed(sentence, where);
  }
}

}  // namespace quorum
