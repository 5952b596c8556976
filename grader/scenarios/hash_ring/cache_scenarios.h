#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader {

/// Parts 1C to 1E of lab 1, and the demonstration at its end: the lists below.
std::vector<Scenario> CacheScenarios();

std::vector<Scenario> FixedRingScenarios();      ///< 1C
std::vector<Scenario> HandOverScenarios();       ///< 1D
std::vector<Scenario> ChunkScenarios();          ///< 1E
std::vector<Scenario> TwoAdministratorsStory();  ///< the demonstration

}  // namespace quorum::grader
