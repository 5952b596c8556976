#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "common/node/module_loader.h"
#include "grader/run/play.h"
#include "grader/scenarios/raft/raft_scenarios.h"

namespace quorum::grader {

inline const Scenario& ScenarioNamed(std::string_view name) {
  static const std::vector<Scenario> all = RaftScenarios();
  const auto found =
      std::ranges::find_if(all, [name](const Scenario& scenario) { return scenario.name == name; });
  EXPECT_NE(found, all.end()) << name;
  return *found;
}

/// Plays `scenario` on the known bug `id` of lab 3, beside the reference, over the seeds that the
/// scenario asks for up to the first one that fails.
inline run::RunResult PlayMutant(const std::string& id, const Scenario& scenario) {
  const auto mutant = LoadModule(QUORUM_MODULES "/mutants/raft/" + id + ".so");
  const auto reference = LoadModule(QUORUM_MODULES "/solutions/raft.so");
  EXPECT_TRUE(mutant.ok() && reference.ok()) << mutant.status() << reference.status();
  run::RunResult result;
  for (int seed = 1; seed <= scenario.seeds && result.verdict() != run::RUN_FAILED; ++seed) {
    result = run::Play(scenario, run::PlanOf(scenario, static_cast<std::uint64_t>(seed)),
                       {*mutant, *reference});
  }
  return result;
}

}  // namespace quorum::grader
