#pragma once

#include <string>
#include <vector>

#include "grader/run/outcome.h"

namespace quorum::report {

/// How much is told of many failures.
struct FailureListOptions {
  bool coloured = false;
  /// One bug breaks one rule in many scenarios. Unless everything is told in full, the first
  /// failure of each rule is, for the first few rules, and of the others the command that shows
  /// them.
  bool full = false;
};

/// What is told below the scoreboard of all outcomes that did not pass. What several have in
/// common, such as a part of the skeleton that is not written yet, stands there once.
std::string FailureTexts(const std::vector<run::Outcome>& outcomes, const std::string& impl,
                         const FailureListOptions& options);

}  // namespace quorum::report
