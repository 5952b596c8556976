#include "grader/scenarios/echo/echo_scenarios.h"

#include <gtest/gtest.h>

#include "common/node/module_loader.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader {
namespace {

/// What one run came to: the broken rule's name, or nothing.
std::string Play(const Scenario& scenario, std::uint64_t seed, const char* module,
                 std::set<std::string, std::less<>>* observed = nullptr) {
  const auto table = LoadModule(module);
  EXPECT_TRUE(table.ok()) << table.status();
  const std::vector<const ModuleTable*> modules = {*table};
  faults::Plan plan;
  plan.set_seed(seed);
  Stage stage(scenario, plan, modules);
  std::string broken;
  try {
    scenario.play(stage);
  } catch (const Violation& violation) {
    broken = violation.statement.name;
  } catch (const sim::RunFailed&) {
    broken = stage.world().failure()->name;
  }
  if (observed != nullptr) observed->insert(stage.observed().begin(), stage.observed().end());
  return broken;
}

TEST(EchoScenariosTest, TheSolvedLabPassesAndMeetsItsFaults) {
  for (const Scenario& scenario : EchoScenarios()) {
    std::set<std::string, std::less<>> observed;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      EXPECT_EQ(Play(scenario, seed, ECHO_SOLVED, &observed), "") << scenario.name << " " << seed;
    }
    for (const char* expected : scenario.must_observe) {
      EXPECT_TRUE(observed.contains(expected)) << scenario.name << ": " << expected;
    }
  }
}

TEST(EchoScenariosTest, ThePlantedBugIsFound) {
  std::set<std::string> broken;
  for (const Scenario& scenario : EchoScenarios()) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      broken.insert(Play(scenario, seed, ECHO_PLANTED_BUG));
    }
  }
  EXPECT_TRUE(broken.contains("echo.at-most-once"));
}

}  // namespace
}  // namespace quorum::grader
