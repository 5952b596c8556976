#include "grader/report/failure_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grader/report/junit_report.h"
#include "grader/report/text.h"

namespace quorum::report {
namespace {

using run::Outcome;
using ::testing::HasSubstr;
using ::testing::Not;

const grader::Scenario kScenario = {.lab = "raft",
                                    .part = "3A",
                                    .name = "OneLeader",
                                    .story = "Five nodes elect a leader.",
                                    .points = 5};

Outcome Failed(run::FailureKind kind) {
  Outcome outcome;
  outcome.scenario = &kScenario;
  outcome.verdict = Outcome::Verdict::kFailed;
  outcome.seeds_run = 9;
  outcome.deciding.emplace();
  outcome.deciding->set_seed(9);
  run::Failure& failure = *outcome.deciding->mutable_failure();
  failure.set_kind(kind);
  failure.set_statement("raft.election-safety");
  failure.set_sentence("At most one leader is elected in a term.");
  failure.set_source("Raft, section 5.2");
  failure.set_detail("Nodes 1 & 3 both lead in term <4>.");
  failure.set_node(3);
  failure.set_handler("a timer");
  failure.add_steps("Five nodes boot.");
  failure.add_steps("The network is cut.");
  return outcome;
}

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

TEST(FailureTextTest, AStubThatSeveralScenariosReachIsToldOnce) {
  const Outcome unwritten = Failed(run::FAILURE_NOT_WRITTEN);
  const std::string text = FailureTexts({unwritten, unwritten}, "labs", false);
  const std::size_t told = text.find("Not written yet");
  ASSERT_NE(told, std::string::npos);
  EXPECT_EQ(text.find("Not written yet", told + 1), std::string::npos);
  EXPECT_THAT(text, HasSubstr("Met in raft.OneLeader, raft.OneLeader."));
}

TEST(FailureTextTest, OneCrashIsPrintedOnce) {
  const grader::Scenario other = {
      .lab = "raft", .part = "3A", .name = "Other", .story = "Another."};
  Outcome first = Failed(run::FAILURE_DEATH);
  first.deciding->mutable_failure()->add_backtrace("Raft::Vote()");
  first.deciding->mutable_failure()->set_output("a long report, of address 1");
  Outcome second = first;
  second.scenario = &other;
  second.deciding->mutable_failure()->set_output("a long report, of address 2");
  Outcome third = second;
  third.deciding->mutable_failure()->set_backtrace(0, "Raft::Append()");
  const std::string text = FailureTexts({first, second, third}, "labs", false);
  EXPECT_THAT(text, HasSubstr("a long report, of address 1"));
  EXPECT_THAT(text, HasSubstr("Much the same as in raft.OneLeader, above."));
  const std::size_t again = text.find("a long report, of address 2");
  EXPECT_GT(again, text.find("Much the same")) << "another crash has a report of its own";
  EXPECT_NE(again, text.npos);
}

TEST(FailureTextTest, WhatWasNotSeenIsNamed) {
  Outcome outcome;
  outcome.scenario = &kScenario;
  outcome.verdict = Outcome::Verdict::kInconclusive;
  outcome.unobserved = {"a leader died"};
  EXPECT_THAT(FailureTexts({outcome}, "labs", false), HasSubstr("a leader died"));
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
