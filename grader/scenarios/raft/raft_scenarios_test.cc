#include "grader/scenarios/raft/raft_scenarios.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/node/module_loader.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader {
namespace {

/// What one run came to beside the reference: the broken rule's name, or nothing.
std::string Play(const Scenario& scenario, std::uint64_t seed, const ModuleTable* module,
                 std::set<std::string, std::less<>>& observed) {
  const std::vector<const ModuleTable*> modules = {module, LoadModule(RAFT_SOLVED).value()};
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
  observed.insert(stage.observed().begin(), stage.observed().end());
  return broken;
}

/// Right solutions, of different shapes.
class RightSolutionTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RightSolutionTest, PassesAndMeetsWhatTheScenariosExistFor) {
  const auto module = LoadModule(GetParam());
  ASSERT_TRUE(module.ok()) << module.status();
  for (const Scenario& scenario : RaftScenarios()) {
    std::set<std::string, std::less<>> observed;
    for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(scenario.seeds); ++seed) {
      EXPECT_EQ(Play(scenario, seed, *module, observed), "") << scenario.name << " " << seed;
    }
    for (const char* expected : scenario.must_observe) {
      EXPECT_TRUE(observed.contains(expected)) << scenario.name << ": " << expected;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Raft, RightSolutionTest, ::testing::Values(RAFT_SOLVED, RAFT_VARIANT),
                         [](const auto& info) { return info.index == 0 ? "solutions" : "plain"; });

TEST(RaftScenariosTest, TheSkeletonEarnsNothingAndSaysWhatToWrite) {
  const auto module = LoadModule(RAFT_SKELETON);
  ASSERT_TRUE(module.ok()) << module.status();
  for (const Scenario& scenario : RaftScenarios()) {
    std::set<std::string, std::less<>> observed;
    EXPECT_EQ(Play(scenario, 1, *module, observed), "node.not-written") << scenario.name;
  }
}

}  // namespace
}  // namespace quorum::grader
