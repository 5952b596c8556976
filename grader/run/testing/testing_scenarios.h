#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::run::testing {

/// "testing.Part" calls the behaviour of a module directly, "testing.Node" in a handler of node 7.
const std::vector<grader::Scenario>& TestingScenarios();

/// "testing.Operations": node 7 behaves as with `kBadSeed` when the plan has the operations 3 and
/// 17 of the forty that every seed draws; with `kBadSeed` + 1 when it has 3 alone; else as with 1.
const grader::Scenario& OperationsScenario();

}  // namespace quorum::run::testing
