#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader {

/// The graded tests of lab 2.
std::vector<Scenario> PaxosScenarios();

}  // namespace quorum::grader
