#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "grader/scenarios/scenario.h"
#include "grader/scenarios/stage.h"
#include "grader/sim/handler_ended.h"

namespace quorum::grader {

/// What one run of a scenario without a world came to, for tests.
struct Outcome {
  std::string broken;  ///< the violated statement's name, or "not written", or "check"; or nothing
  std::string detail;
  std::uint64_t recorded = 0;
  std::set<std::string, std::less<>> observed;
};

inline Outcome PlayOnce(const Scenario& scenario, std::uint64_t seed, const ModuleTable& module) {
  sim::InstallFailureHandlers();
  const std::vector<const ModuleTable*> modules = {&module};
  faults::Plan plan;
  plan.set_seed(seed);
  Stage stage(scenario, plan, modules);
  Outcome outcome;
  try {
    scenario.play(stage);
  } catch (const Violation& violation) {
    outcome.broken = violation.statement.name;
    outcome.detail = violation.detail;
  } catch (const sim::HandlerEnded& ended) {
    outcome.broken = ended.kind == sim::Failure::Kind::kNotWritten ? "not written" : "check";
    outcome.detail = ended.sentence;
  }
  outcome.recorded = stage.recorded_hash();
  outcome.observed = stage.observed();
  return outcome;
}

}  // namespace quorum::grader
