#pragma once

#include <string>

#include "grader/run/outcome.h"

namespace quorum::report {

/// What a student reads below the scoreboard about a scenario that did not pass: its story, the
/// rule that broke and where it is stated, what was seen, the numbered steps that led there, the
/// faults that were drawn, and how to play it again. `impl` is the implementation as it was named.
std::string FailureText(const run::Outcome& outcome, const std::string& impl, bool coloured);

/// What is told of a failure that scenarios share: of a stub, or of a module that is refused. Empty
/// for one that has a story of its own.
std::string SharedText(const run::Outcome& outcome);

/// The command that plays the deciding run again.
std::string CommandOf(const run::Outcome& outcome, const std::string& impl);

/// What one sees of a scenario that passed: its story, and the diagram of the run that is shown.
std::string PassingText(const run::Outcome& outcome, bool coloured);

}  // namespace quorum::report
