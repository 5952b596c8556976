#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader {

/// The graded tests of lab 3.
std::vector<Scenario> RaftScenarios();

}  // namespace quorum::grader
