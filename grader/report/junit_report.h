#pragma once

#include <string>
#include <vector>

#include "grader/run/outcome.h"

namespace quorum::report {

/// The outcomes as JUnit XML, as CI systems show it: a suite for each part, a case for each
/// scenario.
std::string JunitReport(const std::vector<run::Outcome>& outcomes,
                        const std::string& implementation);

}  // namespace quorum::report
