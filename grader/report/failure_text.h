#pragma once

#include <string>
#include <vector>

#include "grader/run/outcome.h"

namespace quorum::report {

/// What a student reads below the scoreboard about a scenario that did not pass: its story, the
/// rule that broke and where it is stated, what was seen, the numbered steps that led there, the
/// faults that were drawn, and how to play it again. `impl` is the implementation as it was named.
std::string FailureText(const run::Outcome& outcome, const std::string& impl, bool coloured);

/// The same for all outcomes that did not pass. What is told of several at once, such as a part of
/// the skeleton that is not written yet, stands there once.
std::string FailureTexts(const std::vector<run::Outcome>& outcomes, const std::string& impl,
                         bool coloured);

/// What one sees of a scenario that passed: its story, and the diagram of the run that is shown.
std::string PassingText(const run::Outcome& outcome, bool coloured);

}  // namespace quorum::report
