// What is made of a run that decides, when playing it again is not harmless.

#include "grader/run/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grader/faults/shrink.h"
#include "grader/run/campaign.h"
#include "grader/run/testing/testing_modules.h"
#include "grader/run/testing/testing_scenarios.h"

namespace quorum::run {
namespace {

using ::testing::HasSubstr;
using testing::ModuleFile;
using testing::OperationsScenario;
using testing::TestingScenarios;

Outcome PlayStudied(const grader::Scenario& scenario, const std::string& behaviour,
                    const StudyOptions& options = {}) {
  Outcome seen;
  Pool pool(2, {"worker"});
  Campaign campaign(pool, {}, [&](const Outcome& outcome) { seen = outcome; });
  campaign.StudyRuns(options);
  Settings settings;
  settings.modules = {ModuleFile(behaviour)};
  campaign.Add(scenario, settings);
  campaign.Run();
  return seen;
}

std::vector<std::string> ValuesOf(const faults::Plan& plan) {
  std::vector<std::string> values;
  for (const faults::ClientOp& op : plan.ops()) values.push_back(op.value());
  return values;
}

TEST(StudyTest, ARunThatFailsIsMadeSmallAndDrawn) {
  const Outcome outcome = PlayStudied(OperationsScenario(), "checks");
  ASSERT_EQ(outcome.verdict, Outcome::Verdict::kFailed);
  const RunResult& run = *outcome.deciding;
  EXPECT_EQ(run.failure().statement(), "node.check");
  EXPECT_THAT(ValuesOf(run.plan()), ::testing::ElementsAre("3", "17"));
  EXPECT_EQ(run.plan().shrinking().items_before(), 40u);
  EXPECT_FALSE(run.plan().shrinking().budget_spent());
  EXPECT_THAT(run.diagram(), HasSubstr("here a check of its own fails"));
}

TEST(StudyTest, AWorkerThatDiesOnTheWayHasBrokenAnotherRule) {
  const Outcome outcome = PlayStudied(OperationsScenario(), "fragile");
  const RunResult& run = *outcome.deciding;
  EXPECT_EQ(run.failure().statement(), "node.check");
  EXPECT_THAT(ValuesOf(run.plan()), ::testing::ElementsAre("3", "17"));
  EXPECT_THAT(run.diagram(), HasSubstr("here a check of its own fails"));
}

TEST(StudyTest, ADeathIsMadeSmallAndDrawnUpToItsHandler) {
  // It aborts: of a stray pointer a sanitizer would say something else first.
  const Outcome outcome = PlayStudied(OperationsScenario(), "aborts");
  const RunResult& run = *outcome.deciding;
  EXPECT_EQ(run.failure().statement(), "process.crash");
  EXPECT_THAT(ValuesOf(run.plan()), ::testing::ElementsAre("3", "17"));
  EXPECT_THAT(run.diagram(), HasSubstr("a timer\n            #     here its process dies\n"));
}

TEST(StudyTest, AProcessThatHangsIsDrawnButNotWaitedForAgainAndAgain) {
  const Outcome outcome = PlayStudied(OperationsScenario(), "endless");
  const RunResult& run = *outcome.deciding;
  EXPECT_EQ(run.failure().statement(), "process.endless");
  EXPECT_EQ(run.plan().ops_size(), 40);
  EXPECT_THAT(run.diagram(), HasSubstr("here its process dies"));
}

TEST(StudyTest, WithoutABudgetThePlanStaysAsItWasDrawn) {
  const Outcome outcome = PlayStudied(OperationsScenario(), "checks", {.shrink_events = 0});
  EXPECT_EQ(outcome.deciding->plan().ops_size(), 40);
  EXPECT_FALSE(outcome.deciding->plan().has_shrinking());
  EXPECT_FALSE(outcome.deciding->diagram().empty());
}

TEST(StudyTest, APassingRunIsShownWhenAllIsDrawn) {
  const grader::Scenario& node = TestingScenarios()[1];
  EXPECT_FALSE(PlayStudied(node, "well_behaved").shown);
  const Outcome outcome = PlayStudied(node, "well_behaved", {.lines = 0});
  EXPECT_EQ(outcome.verdict, Outcome::Verdict::kPassed);
  ASSERT_TRUE(outcome.shown);
  EXPECT_THAT(outcome.shown->diagram(), HasSubstr("timer: says: 1"));
}

TEST(StudyTest, WhatHasNoWorldIsNotDrawn) {
  const grader::Scenario& part = TestingScenarios()[0];
  EXPECT_EQ(PlayStudied(part, "checks").deciding->diagram(), "");
  EXPECT_EQ(PlayStudied(part, "segfault").deciding->diagram(), "");
  EXPECT_EQ(PlayStudied(part, "pointer_order").deciding->diagram(), "");
}

}  // namespace
}  // namespace quorum::run
