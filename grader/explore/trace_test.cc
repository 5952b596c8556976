// Directions, traces, and where an exploration that was stopped had got to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grader/explore/drive.h"
#include "grader/explore/explore.h"
#include "grader/explore/testing/toy_node.h"
#include "grader/explore/testing/toy_worlds.h"
#include "grader/explore/trace_text.h"

namespace quorum::explore {
namespace {

using testing::HasSubstr;
using toy::MakeToyWorld;
using toy::ToyFactories;

TEST(TraceTest, TellsWhatHappensAndWhatItDoes) {
  const WorldSpec spec = MakeToyWorld({.nodes = 2, .bugs = toy::kQuorumTooSmall});
  const Exploration result = Explore(spec, ToyFactories(spec), {.walks = 0});
  ASSERT_EQ(result.failure().steps_size(), 2);
  EXPECT_TRUE(result.shortest());
  EXPECT_EQ(result.failure().steps(0),
            "The client of n1 asks: Propose(value=\"x\")\n"
            "its disk has acceptor={1=11}\n"
            "it sends to n2: Prepare(ballot=11)\n"
            "its disk has acceptor={1=11 2=11 3=\"x\"}\n"
            "it sends to n2: Accept(ballot=11 value=\"x\")\n"
            "it sends to the client: Propose answered (value=\"x\")");
  EXPECT_THAT(result.failure().steps(1), HasSubstr("The client of n2 asks: Propose(value=\"y\")"));
}

TEST(TraceTest, WalksAreShortenedToTheNearestBreach) {
  const WorldSpec spec = MakeToyWorld({.bugs = toy::kPromiseNotDurable, .budgets = {.crashes = 1}});
  const Exploration walked = Explore(spec, ToyFactories(spec), {.walks = 10'000});
  const WorldSpec same = MakeToyWorld({.bugs = toy::kPromiseNotDurable, .budgets = {.crashes = 1}});
  const Exploration searched = Explore(same, ToyFactories(same), {.walks = 0});
  EXPECT_GT(walked.walks(), 1u);
  EXPECT_TRUE(walked.shortest());
  EXPECT_EQ(walked.failure().steps_size(), searched.failure().steps_size());
  std::string all;
  for (const std::string& step : walked.failure().steps()) all += step + "\n";
  EXPECT_THAT(all, HasSubstr("boots again"));
}

TEST(DriveTest, LeadsToWhereTheDirectionsSay) {
  WorldSpec spec = MakeToyWorld({.bugs = toy::kValueOfLastPromise});
  spec.directions = {{.path = toy::kPropose.path, .to = {1}},
                     {.path = toy::kPrepare.path, .from = {1, 2}, .to = {1, 2}, .all = true},
                     {.kind = Direction::Kind::kCrash, .to = {2}}};
  Space space(spec, ToyFactories(spec));
  const auto state = Drive(space);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(EventsTo(space, *state), 4u);  // asked, promised, told, dead
  EXPECT_EQ(state->left, spec.budgets);
}

TEST(DriveTest, SaysWhichStepIsNotPossible) {
  WorldSpec spec = MakeToyWorld({});
  spec.directions = {{.path = toy::kPropose.path, .to = {1}},
                     {.path = toy::kAccept.path, .to = {2}}};
  const Exploration result = Explore(spec, ToyFactories(spec), {.walks = 10});
  EXPECT_THAT(result.unreachable(), HasSubstr("Step 2"));
  EXPECT_EQ(result.walks(), 0u);
}

TEST(ProbeTest, TellsTheHistoryBeforeTheStepThatItStopsBefore) {
  const WorldSpec spec = MakeToyWorld({});
  Probe probe;
  probe.stop_before = 50;
  const Exploration result = Explore(spec, ToyFactories(spec), {.walks = 1'000, .probe = &probe});
  EXPECT_EQ(probe.step, 50u);
  ASSERT_GE(result.failure().steps_size(), 1);
  EXPECT_THAT(result.failure().steps(0), HasSubstr("n"));
}

}  // namespace
}  // namespace quorum::explore
