#include "grader/scenarios/lock_service/lock_scenarios.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "grader/scenarios/testing/right_solution.h"

namespace quorum::grader {
namespace {

/// The implementation at `path`, with the logs that it stands on, and the reference, which mixed
/// rooms have beside it.
std::vector<const ModuleTable*> OverTheReference(const char* path) {
  return {testing::Load(path), testing::Load(LOCK_SOLVED), testing::Load(RAFT_SOLVED),
          testing::Load(PAXOS_SOLVED)};
}

/// With as many seeds as a test has time for; grading plays them all.
std::vector<Scenario> WithFewSeeds() {
  std::vector<Scenario> scenarios = LockScenarios();
  for (Scenario& scenario : scenarios) scenario.seeds = std::min(scenario.seeds, 10);
  return scenarios;
}

/// Right solutions, of different shapes.
class RightLockServiceTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RightLockServiceTest, PassesAndMeetsWhatTheScenariosExistFor) {
  testing::ExpectRight(WithFewSeeds(), OverTheReference(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(LockService, RightLockServiceTest,
                         ::testing::Values(LOCK_SOLVED, LOCK_VARIANT),
                         [](const auto& info) { return info.index == 0 ? "solutions" : "plain"; });

TEST(LockScenariosTest, ThePointsOfTheLabAreAHundred) {
  int points = 0;
  for (const Scenario& scenario : LockScenarios()) points += scenario.bonus ? 0 : scenario.points;
  EXPECT_EQ(points, 100);
}

TEST(LockScenariosTest, TheSkeletonEarnsNothingAndSaysWhatToWrite) {
  testing::ExpectNotWritten(LockScenarios(), OverTheReference(LOCK_SKELETON));
}

}  // namespace
}  // namespace quorum::grader
