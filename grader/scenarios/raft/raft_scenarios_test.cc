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

TEST(RaftScenariosTest, TheSkeletonEarnsNothingAndSaysWhatToWrite) {
  testing::ExpectNotWritten(RaftScenarios(),
                            {testing::Load(RAFT_SKELETON), testing::Load(RAFT_SOLVED)});
}

}  // namespace
}  // namespace quorum::grader
