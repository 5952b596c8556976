#include "grader/scenarios/echo/echo_scenarios.h"

#include <gtest/gtest.h>

#include "grader/scenarios/testing/right_solution.h"

namespace quorum::grader {
namespace {

TEST(EchoScenariosTest, TheSolvedLabPassesAndMeetsItsFaults) {
  testing::ExpectRight(EchoScenarios(), {testing::Load(ECHO_SOLVED)}, 200);
}

TEST(EchoScenariosTest, ThePlantedBugIsFound) {
  const ModuleTable* module = testing::Load(ECHO_PLANTED_BUG);
  std::set<std::string> broken;
  for (const Scenario& scenario : EchoScenarios()) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      broken.insert(testing::Play(scenario, seed, {module}).broken);
    }
  }
  EXPECT_TRUE(broken.contains("echo.at-most-once"));
}

}  // namespace
}  // namespace quorum::grader
