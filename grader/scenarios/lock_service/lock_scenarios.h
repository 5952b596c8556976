#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader {

/// The graded tests of lab 4.
std::vector<Scenario> LockScenarios();

}  // namespace quorum::grader
