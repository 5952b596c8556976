#include "grader/scenarios/paxos/paxos_scenarios.h"

#include <gtest/gtest.h>

#include "grader/scenarios/testing/right_solution.h"

namespace quorum::grader {
namespace {

/// Right solutions, of different shapes.
class RightSolutionTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RightSolutionTest, PassesAndMeetsWhatTheScenariosExistFor) {
  // Part 2E stands on lab 1.
  testing::ExpectRight(PaxosScenarios(), {testing::Load(GetParam()), testing::Load(CACHE)});
}

INSTANTIATE_TEST_SUITE_P(Paxos, RightSolutionTest, ::testing::Values(PAXOS_SOLVED, PAXOS_VARIANT),
                         [](const auto& info) { return info.index == 0 ? "solutions" : "plain"; });

TEST(PaxosScenariosTest, TheSkeletonEarnsNothingAndSaysWhatToWrite) {
  testing::ExpectNotWritten(PaxosScenarios(),
                            {testing::Load(PAXOS_SKELETON), testing::Load(CACHE)});
}

}  // namespace
}  // namespace quorum::grader
