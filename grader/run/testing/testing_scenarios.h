#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::run::testing {

/// "testing.Part" calls the behaviour of a module directly, "testing.Node" in a handler of node 7.
const std::vector<grader::Scenario>& TestingScenarios();

}  // namespace quorum::run::testing
