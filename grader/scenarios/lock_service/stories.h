#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader::locks {

/// The graded tests, part by part.
std::vector<Scenario> FileScenarios();
std::vector<Scenario> FileRefusals();
std::vector<Scenario> FileChoreographies();
std::vector<Scenario> SessionScenarios();
std::vector<Scenario> SessionChoreographies();
std::vector<Scenario> LibraryChoreographies();
std::vector<Scenario> LockingScenarios();
std::vector<Scenario> LockChoreographies();
std::vector<Scenario> ExploredScenarios();
std::vector<Scenario> CacheScenarios();
std::vector<Scenario> CacheChoreographies();
std::vector<Scenario> OvertakingScenarios();
std::vector<Scenario> SweepScenarios();
std::vector<Scenario> MixedScenarios();
std::vector<Scenario> BonusScenarios();
std::vector<Scenario> HandleScenarios();
std::vector<Scenario> RecipeScenarios();
std::vector<Scenario> RingScenarios();
Scenario ClientsFollowTheRing();

}  // namespace quorum::grader::locks
