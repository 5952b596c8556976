#include "grader/scenarios/lock_service/lock_scenarios.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/node/module_loader.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader {
namespace {

/// What one run came to: the broken rule's name and what was seen, or nothing.
std::string Play(const Scenario& scenario, std::uint64_t seed, const ModuleTable* module,
                 std::set<std::string, std::less<>>& observed) {
  std::vector<const ModuleTable*> modules = {module};
  for (const char* other : {RAFT_SOLVED, PAXOS_SOLVED}) modules.push_back(*LoadModule(other));
  faults::Plan plan;
  plan.set_seed(seed);
  Stage stage(scenario, plan, modules);
  std::string broken;
  try {
    scenario.play(stage);
  } catch (const Violation& violation) {
    broken = std::string(violation.statement.name) + ": " + violation.detail;
  } catch (const sim::RunFailed&) {
    broken = stage.world().failure()->name + ": " + stage.world().failure()->detail;
  }
  observed.insert(stage.observed().begin(), stage.observed().end());
  return broken;
}

TEST(LockScenariosTest, TheSolutionPassesAndMeetsWhatTheScenariosExistFor) {
  const auto module = LoadModule(LOCK_SOLVED);
  ASSERT_TRUE(module.ok()) << module.status();
  for (const Scenario& scenario : LockScenarios()) {
    std::set<std::string, std::less<>> observed;
    for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(scenario.seeds); ++seed) {
      EXPECT_EQ(Play(scenario, seed, *module, observed), "") << scenario.name << " " << seed;
    }
    for (const char* expected : scenario.must_observe) {
      EXPECT_TRUE(observed.contains(expected)) << scenario.name << ": " << expected;
    }
  }
}

TEST(LockScenariosTest, TheSkeletonEarnsNothingAndSaysWhatToWrite) {
  const auto module = LoadModule(LOCK_SKELETON);
  ASSERT_TRUE(module.ok()) << module.status();
  for (const Scenario& scenario : LockScenarios()) {
    std::set<std::string, std::less<>> observed;
    EXPECT_TRUE(Play(scenario, 1, *module, observed).starts_with("node.not-written"))
        << scenario.name;
  }
}

}  // namespace
}  // namespace quorum::grader
