#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader {

/// Parts 1A and 1B of lab 1: the three lists below.
std::vector<Scenario> RingScenarios();

std::vector<Scenario> RingPlacementScenarios();  ///< 1A: members, owners, what moves
std::vector<Scenario> RingShareScenarios();      ///< 1A: shares, preference lists, ketama
std::vector<Scenario> BoundedLoadScenarios();    ///< 1B

}  // namespace quorum::grader
