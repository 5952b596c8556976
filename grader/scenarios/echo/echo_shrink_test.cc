// Shrinking, on real runs: what the planted bug needs in order to show, and nothing else.

#include <gtest/gtest.h>

#include "common/node/module_loader.h"
#include "grader/faults/shrink.h"
#include "grader/scenarios/echo/echo_scenarios.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader {
namespace {

using faults::Plan;
using faults::Shrunk;
using faults::Trial;
using faults::TrialOutcome;

struct Played {
  TrialOutcome outcome;
  Plan plan;  ///< with everything drawn
  std::uint64_t hash = 0;
};

Played Play(const Scenario& scenario, const Trial& trial, const char* module) {
  const auto table = LoadModule(module);
  EXPECT_TRUE(table.ok()) << table.status();
  const std::vector<const ModuleTable*> modules = {*table};
  Stage stage(scenario, trial.plan, modules,
              {.record_faults = trial.wants_drawn, .events = trial.events});
  Played run;
  try {
    scenario.play(stage);
  } catch (const Violation& violation) {
    run.outcome.violated = violation.statement.name;
  } catch (const sim::RunFailed&) {
    run.outcome.violated = stage.world().failure()->name;
  }
  run.outcome.events = stage.world().events();
  run.outcome.drawn = stage.world().network().drawn_faults();
  run.plan = stage.plan();
  run.hash = stage.world().trace().hash();
  return run;
}

Trial OfSeed(std::uint64_t seed) {
  Trial trial{.wants_drawn = true};
  trial.plan.set_seed(seed);
  return trial;
}

TEST(EchoShrinkTest, SingleMessagesInPlaceOfRatesMakeTheSameRun) {
  for (const Scenario& scenario : EchoScenarios()) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      const Played by_rates = Play(scenario, OfSeed(seed), ECHO_SOLVED);
      if (!by_rates.plan.faults_drawn()) continue;
      const Plan single = faults::WithoutRates(by_rates.plan, by_rates.outcome.drawn);
      EXPECT_EQ(single.network().drop_ppm(), 0u);
      const Played by_messages = Play(scenario, {.plan = single}, ECHO_SOLVED);
      EXPECT_EQ(by_messages.hash, by_rates.hash) << scenario.name << " " << seed;
    }
  }
}

/// The first failure of the planted bug in `scenario`, shrunk.
Shrunk ShrinkFirstFailure(const Scenario& scenario) {
  const auto play = [&](const Trial& trial) {
    return Play(scenario, trial, ECHO_PLANTED_BUG).outcome;
  };
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Played run = Play(scenario, OfSeed(seed), ECHO_PLANTED_BUG);
    if (run.outcome.violated != "echo.at-most-once") continue;
    return faults::Shrink(run.plan, run.outcome.violated, 5'000'000, play);
  }
  ADD_FAILURE() << "The planted bug does not show in " << scenario.name;
  return {};
}

TEST(EchoShrinkTest, ThePlantedBugNeedsOneCrashAndOneOperation) {
  for (const Scenario& scenario : EchoScenarios()) {
    if (std::string(scenario.part) != "0B") continue;
    const Shrunk shrunk = ShrinkFirstFailure(scenario);
    EXPECT_GT(shrunk.items_before, 50);
    EXPECT_FALSE(shrunk.budget_spent);
    EXPECT_EQ(shrunk.plan.message_faults_size(), 0);
    EXPECT_EQ(shrunk.plan.ops_size(), 1);
    ASSERT_EQ(shrunk.plan.faults_size(), 1) << shrunk.plan.DebugString();
    EXPECT_EQ(shrunk.plan.faults(0).crash().node(), 1u) << "the server";
    const Played again = Play(scenario, {.plan = shrunk.plan}, ECHO_PLANTED_BUG);
    EXPECT_EQ(again.outcome.violated, "echo.at-most-once");
    const Played solved = Play(scenario, {.plan = shrunk.plan}, ECHO_SOLVED);
    EXPECT_EQ(solved.outcome.violated, "");
  }
}

TEST(EchoShrinkTest, TheSameFailureShrinksToTheSamePlan) {
  const Scenario scenario = EchoScenarios().back();
  const Shrunk once = ShrinkFirstFailure(scenario);
  const Shrunk again = ShrinkFirstFailure(scenario);
  EXPECT_EQ(once.plan.SerializeAsString(), again.plan.SerializeAsString());
  EXPECT_EQ(once.replays, again.replays);
  EXPECT_EQ(once.events, again.events);
}

}  // namespace
}  // namespace quorum::grader
