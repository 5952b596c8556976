#include "grader/scenarios/lock_service/lock_scenarios.h"

#include <gtest/gtest.h>

#include "grader/scenarios/testing/right_solution.h"

namespace quorum::grader {
namespace {

/// The implementation at `path`, with the logs that it stands on.
std::vector<const ModuleTable*> OverTheReference(const char* path) {
  return {testing::Load(path), testing::Load(RAFT_SOLVED), testing::Load(PAXOS_SOLVED)};
}

TEST(LockScenariosTest, TheSolutionPassesAndMeetsWhatTheScenariosExistFor) {
  testing::ExpectRight(LockScenarios(), OverTheReference(LOCK_SOLVED));
}

TEST(LockScenariosTest, TheSkeletonEarnsNothingAndSaysWhatToWrite) {
  testing::ExpectNotWritten(LockScenarios(), OverTheReference(LOCK_SKELETON));
}

}  // namespace
}  // namespace quorum::grader
