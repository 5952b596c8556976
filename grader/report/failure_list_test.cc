#include "grader/report/failure_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grader/report/failed_outcome.h"

namespace quorum::report {
namespace {

using run::Outcome;
using ::testing::HasSubstr;
using ::testing::Not;

const grader::Scenario kOther = {
    .lab = "raft", .part = "3A", .name = "Other", .story = "Another story."};

/// A failure of `kOther` in which the rule `statement` broke.
Outcome FailedToo(const std::string& statement) {
  Outcome outcome = Failed(run::FAILURE_VIOLATION);
  outcome.scenario = &kOther;
  outcome.plan_file = "out/raft.Other-9.plan";
  outcome.deciding->mutable_failure()->set_statement(statement);
  return outcome;
}

int CountOf(const std::string& what, const std::string& text) {
  int count = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(FailureListTest, AStubThatSeveralScenariosReachIsToldOnce) {
  const Outcome unwritten = Failed(run::FAILURE_NOT_WRITTEN);
  const std::string text = FailureTexts({unwritten, unwritten}, "labs", {});
  EXPECT_EQ(CountOf("Not written yet", text), 1);
  EXPECT_THAT(text, HasSubstr("Met in raft.OneLeader, raft.OneLeader."));
}

TEST(FailureListTest, OneRuleIsToldInFullOnce) {
  const std::vector<Outcome> outcomes = {Failed(run::FAILURE_VIOLATION),
                                         FailedToo("raft.election-safety"),
                                         FailedToo("raft.log-matching")};
  EXPECT_EQ(CountOf("The story", FailureTexts(outcomes, "labs", {.full = true})), 3);
  const std::string text = FailureTexts(outcomes, "labs", {});
  EXPECT_EQ(CountOf("The story", text), 2);
  EXPECT_THAT(text, HasSubstr("Five nodes elect a leader."));
  EXPECT_THAT(text, HasSubstr("[raft.log-matching]"));
  EXPECT_THAT(text, HasSubstr(R"(
More failures, and what shows each of them (or all: grade --full)
  raft.election-safety
    ./quorum replay out/raft.Other-9.plan
)"));
}

TEST(FailureListTest, OnlyTheFirstFewRulesAreToldInFull) {
  std::vector<Outcome> outcomes;
  for (const char* rule : {"r.a", "r.b", "r.c", "r.d", "r.e", "r.f", "r.a", "r.g"}) {
    outcomes.push_back(FailedToo(rule));
  }
  const std::string text = FailureTexts(outcomes, "labs", {});
  EXPECT_EQ(CountOf("The story", text), 5);
  EXPECT_THAT(text, HasSubstr("[r.e]"));
  EXPECT_THAT(text, Not(HasSubstr("[r.f]")));
  const std::string again = "    ./quorum replay out/raft.Other-9.plan\n";
  EXPECT_THAT(text, HasSubstr("  r.f\n" + again + "  r.a\n" + again + "  r.g\n" + again));
}

TEST(FailureListTest, ADemonstrationIsToldInAnyCase) {
  Outcome shown = FailedToo("raft.election-safety");
  shown.verdict = Outcome::Verdict::kDemonstration;
  const std::string text = FailureTexts({Failed(run::FAILURE_VIOLATION), shown}, "labs", {});
  EXPECT_EQ(CountOf("The story", text), 2);
}

TEST(FailureListTest, OneCrashIsPrintedOnce) {
  Outcome first = Failed(run::FAILURE_DEATH);
  first.deciding->mutable_failure()->add_backtrace("Raft::Vote()");
  first.deciding->mutable_failure()->set_output("a long report, of address 1");
  Outcome second = first;
  second.scenario = &kOther;
  second.deciding->mutable_failure()->set_output("a long report, of address 2");
  Outcome third = second;
  third.deciding->mutable_failure()->set_output("a long report, of address 3");
  third.deciding->mutable_failure()->set_backtrace(0, "Raft::Append()");
  const std::string text = FailureTexts({first, second, third}, "labs", {});
  EXPECT_THAT(text, HasSubstr("a long report, of address 1"));
  EXPECT_THAT(text, Not(HasSubstr("a long report, of address 2")));
  EXPECT_THAT(text, HasSubstr("./quorum grade raft.Other --impl labs --seed 9 --seeds 1"));
  EXPECT_THAT(text, HasSubstr("a long report, of address 3"))
      << "another crash has a report of its own";
}

TEST(FailureListTest, WhatWasNotSeenIsNamed) {
  Outcome outcome;
  outcome.scenario = &kScenario;
  outcome.verdict = Outcome::Verdict::kInconclusive;
  outcome.unobserved = {"a leader died"};
  EXPECT_THAT(FailureTexts({outcome}, "labs", {}), HasSubstr("a leader died"));
}

}  // namespace
}  // namespace quorum::report
