// Exploration as a graded scenario.

#include "grader/explore/play_world.h"

#include <gtest/gtest.h>

#include "grader/explore/testing/toy_node.h"
#include "grader/explore/testing/toy_worlds.h"
#include "grader/run/play.h"

namespace quorum::explore {
namespace {

template <std::uint32_t kBugs>
void PlayToy(grader::Stage& stage) {
  PlayWorld(stage, toy::MakeToyWorld({.nodes = 2, .bugs = kBugs}), {.walks = 100});
}

run::RunResult Play(void (*play)(grader::Stage&)) {
  static const Role roles[] = {{.name = "toy.node", .node = toy::MakeToyNode}};
  const ModuleTable module{kAbiStamp, "toy", roles};
  const grader::Scenario scenario{
      .lab = "toy", .part = "", .name = "Explored", .story = "", .play = play};
  return run::Play(scenario, run::PlanOf(scenario, 1), {&module});
}

TEST(PlayWorldTest, PassesWhatIsRight) {
  const run::RunResult result = Play(PlayToy<toy::kNoBug>);
  EXPECT_EQ(result.verdict(), run::RUN_PASSED) << result.DebugString();
  EXPECT_EQ(result.trace_hash(), Play(PlayToy<toy::kNoBug>).trace_hash());
  ASSERT_EQ(result.observed_size(), 1);
  EXPECT_TRUE(result.observed(0).starts_with("explored all ")) << result.observed(0);
  EXPECT_TRUE(result.observed(0).ends_with(" states, 100 random walks")) << result.observed(0);
}

TEST(PlayWorldTest, FailsByTheRuleWithTheTrace) {
  const run::RunResult result = Play(PlayToy<toy::kQuorumTooSmall>);
  EXPECT_EQ(result.verdict(), run::RUN_FAILED);
  EXPECT_EQ(result.failure().statement(), "toy.agreement");
  EXPECT_EQ(result.failure().steps_size(), 2) << result.DebugString();
}

TEST(PlayWorldTest, FailsByTheNodesOwnCheck) {
  const run::RunResult result = Play(PlayToy<toy::kDiesOfOldBallot>);
  EXPECT_EQ(result.failure().kind(), run::FAILURE_CHECK);
  EXPECT_EQ(result.failure().sentence(), "Ballots rise.");
}

}  // namespace
}  // namespace quorum::explore
