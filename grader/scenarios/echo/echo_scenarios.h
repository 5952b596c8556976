#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader {

/// The graded tests of lab 0.
std::vector<Scenario> EchoScenarios();

}  // namespace quorum::grader
