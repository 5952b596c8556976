#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader::locks {

/// The graded tests, part by part.
std::vector<Scenario> FileScenarios();
std::vector<Scenario> SessionScenarios();
std::vector<Scenario> LockingScenarios();
std::vector<Scenario> CacheScenarios();
std::vector<Scenario> SweepScenarios();
std::vector<Scenario> RecipeScenarios();
std::vector<Scenario> RingScenarios();

}  // namespace quorum::grader::locks
