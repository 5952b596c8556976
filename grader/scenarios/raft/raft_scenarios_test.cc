#include "grader/scenarios/raft/raft_scenarios.h"

#include <gtest/gtest.h>

#include "grader/scenarios/testing/right_solution.h"

namespace quorum::grader {
namespace {

/// Right solutions, of different shapes.
class RightSolutionTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RightSolutionTest, PassesAndMeetsWhatTheScenariosExistFor) {
  // Mixed clusters have servers of the reference.
  testing::ExpectRight(RaftScenarios(), {testing::Load(GetParam()), testing::Load(RAFT_SOLVED)});
}

INSTANTIATE_TEST_SUITE_P(Raft, RightSolutionTest, ::testing::Values(RAFT_SOLVED, RAFT_VARIANT),
                         [](const auto& info) { return info.index == 0 ? "solutions" : "plain"; });

// Thesis, section 10.2.1. The whole of lab 3, with all its seeds, is played by `quorum grade`.
TEST(RaftScenariosTest, ALeaderMaySendWhatItsDiskDoesNotHaveYet) {
  const std::vector<const ModuleTable*> modules = {testing::Load(RAFT_AHEAD),
                                                   testing::Load(RAFT_SOLVED)};
  for (const Scenario& scenario : RaftScenarios()) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      const testing::Played played = testing::Play(scenario, seed, modules);
      EXPECT_EQ(played.broken, "") << scenario.name << ", seed " << seed << ": " << played.detail;
    }
  }
}

TEST(RaftScenariosTest, TheSkeletonEarnsNothingAndSaysWhatToWrite) {
  testing::ExpectNotWritten(RaftScenarios(),
                            {testing::Load(RAFT_SKELETON), testing::Load(RAFT_SOLVED)});
}

}  // namespace
}  // namespace quorum::grader
