#include "grader/scenarios/lock_service/lock_scenarios.h"

#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader {

std::vector<Scenario> LockScenarios() {
  std::vector<Scenario> scenarios;
  for (const auto& some :
       {locks::FileScenarios(), locks::SessionScenarios(), locks::LockingScenarios(),
        locks::CacheScenarios(), locks::SweepScenarios(), locks::RecipeScenarios(),
        locks::RingScenarios()}) {
    scenarios.insert(scenarios.end(), some.begin(), some.end());
  }
  return scenarios;
}

}  // namespace quorum::grader
