#include "grader/report/failure_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grader/report/failed_outcome.h"
#include "grader/report/junit_report.h"
#include "grader/report/text.h"

namespace quorum::report {
namespace {

using run::Outcome;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(FailureTextTest, TellsTheWholeStory) {
  const std::string text = FailureText(Failed(run::FAILURE_VIOLATION), "labs", false);
  EXPECT_THAT(text, HasSubstr("raft.OneLeader FAILED, seed 9"));
  EXPECT_THAT(text, HasSubstr("Five nodes elect a leader."));
  EXPECT_THAT(text, HasSubstr("At most one leader is elected in a term. [raft.election-safety]"));
  EXPECT_THAT(text, HasSubstr("(Raft, section 5.2)"));
  EXPECT_THAT(text, HasSubstr("Node 3, in its handler of a timer."));
  EXPECT_THAT(text, HasSubstr(" 2. The network is cut."));
  EXPECT_THAT(text, HasSubstr("./quorum grade raft.OneLeader --impl labs --seed 9 --seeds 1"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(FailureTextTest, ASavedPlanIsReplayed) {
  Outcome outcome = Failed(run::FAILURE_VIOLATION);
  outcome.plan_file = "out/raft.OneLeader-9.plan";
  EXPECT_THAT(FailureText(outcome, "labs", false),
              HasSubstr("./quorum replay out/raft.OneLeader-9.plan"));
}

TEST(FailureTextTest, AStepThatRepeatsIsToldOnce) {
  Outcome outcome = Failed(run::FAILURE_VIOLATION);
  for (int times = 0; times < 60; ++times) {
    outcome.deciding->mutable_failure()->add_steps("A heartbeat arrives.");
  }
  outcome.deciding->mutable_failure()->add_steps("Nobody leads.");
  outcome.deciding->mutable_failure()->add_steps("Nobody leads.");
  EXPECT_THAT(FailureText(outcome, "labs", false), HasSubstr(R"(
     1. Five nodes boot.
     2. The network is cut.
     3. A heartbeat arrives.
    up to 62. The same again.
    63. Nobody leads.
    64. The same again.
)"));
}

TEST(FailureTextTest, LinesOfWhatWasSeenStayLines) {
  Outcome outcome = Failed(run::FAILURE_VIOLATION);
  outcome.deciding->mutable_failure()->set_detail("No order explains it:\n  [1, 2]  put\n");
  EXPECT_THAT(FailureText(outcome, "labs", false),
              HasSubstr("  What was seen\n    No order explains it:\n      [1, 2]  put\n  Where"));
}

TEST(FailureTextTest, AReadHasNoValue) {
  Outcome outcome = Failed(run::FAILURE_VIOLATION);
  faults::ClientOp& op = *outcome.deciding->mutable_plan()->add_ops();
  op.set_client(2);
  op.set_op("read");
  op.set_value("2.0 ");
  EXPECT_THAT(FailureText(outcome, "labs", false), HasSubstr("client 2: read\n"));
}

TEST(JunitReportTest, EscapesWhatXmlCannotHold) {
  const std::string xml = JunitReport({Failed(run::FAILURE_VIOLATION)}, "labs");
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"labs.raft.3A\" tests=\"1\" failures=\"1\""));
  EXPECT_THAT(xml, HasSubstr("Nodes 1 &amp; 3 both lead in term &lt;4&gt;."));
}

TEST(TextTest, NumbersAndTimesAreShort) {
  EXPECT_EQ(ShortCount(950), "950");
  EXPECT_EQ(ShortCount(1'234), "1.2 k");
  EXPECT_EQ(ShortCount(34'000'000), "34 M");
  EXPECT_EQ(ShortTime(200'000'000), "0.2 s");
  EXPECT_EQ(ShortTime(75'000'000'000), "75 s");
}

TEST(TextTest, WrapsAtBlanks) {
  EXPECT_EQ(Wrapped("one two three", "  ", 9), "  one two\n  three\n");
}

}  // namespace
}  // namespace quorum::report
