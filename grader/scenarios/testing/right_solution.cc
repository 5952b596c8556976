#include "grader/scenarios/testing/right_solution.h"

#include <gtest/gtest.h>

#include "common/node/module_loader.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::testing {

const ModuleTable* Load(const char* path) {
  const auto module = LoadModule(path);
  Check(module.ok(), "A module of this build can be loaded.");
  return *module;
}

Played Play(const Scenario& scenario, std::uint64_t seed,
            const std::vector<const ModuleTable*>& modules) {
  faults::Plan plan;
  plan.set_seed(seed);
  Stage stage(scenario, plan, modules);
  Played played;
  try {
    scenario.play(stage);
    const sim::World* world = stage.world_if_made();
    if (world != nullptr && world->failure()) throw sim::RunFailed();
  } catch (const Violation& violation) {
    played.broken = violation.statement.name;
    played.detail = violation.detail;
  } catch (const sim::RunFailed&) {
    played.broken = stage.world().failure()->name;
    played.detail = stage.world().failure()->detail;
  }
  played.observed = stage.observed();
  return played;
}

void ExpectRight(const std::vector<Scenario>& scenarios,
                 const std::vector<const ModuleTable*>& modules, int seeds) {
  for (const Scenario& scenario : scenarios) {
    std::set<std::string, std::less<>> observed;
    const int last = seeds == 0 ? scenario.seeds : seeds;
    for (int seed = 1; seed <= last; ++seed) {
      const Played played = Play(scenario, static_cast<std::uint64_t>(seed), modules);
      EXPECT_EQ(played.broken, "") << scenario.name << ", seed " << seed << ": " << played.detail;
      observed.insert(played.observed.begin(), played.observed.end());
    }
    for (const char* expected : scenario.must_observe) {
      EXPECT_TRUE(observed.contains(expected)) << scenario.name << ": " << expected;
    }
  }
}

void ExpectNotWritten(const std::vector<Scenario>& scenarios,
                      const std::vector<const ModuleTable*>& modules) {
  for (const Scenario& scenario : scenarios) {
    EXPECT_EQ(Play(scenario, 1, modules).broken, "node.not-written") << scenario.name;
  }
}

}  // namespace quorum::grader::testing
