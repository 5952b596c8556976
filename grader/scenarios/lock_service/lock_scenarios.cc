#include "grader/scenarios/lock_service/lock_scenarios.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader {

std::vector<Scenario> LockScenarios() {
  std::vector<Scenario> scenarios;
  for (const auto& some :
       {locks::FileScenarios(), locks::FileRefusals(), locks::FileChoreographies(),
        locks::SessionScenarios(), locks::SessionChoreographies(), locks::LibraryChoreographies(),
        locks::LockingScenarios(), locks::LockChoreographies(), locks::ExploredScenarios(),
        locks::CacheScenarios(), locks::CacheChoreographies(), locks::OvertakingScenarios(),
        locks::SweepScenarios(), locks::RecipeScenarios(), locks::RingScenarios(),
        locks::MixedScenarios(), locks::BonusScenarios(), locks::HandleScenarios()}) {
    scenarios.insert(scenarios.end(), some.begin(), some.end());
  }
  std::stable_sort(scenarios.begin(), scenarios.end(), [](const auto& one, const auto& other) {
    return std::pair(one.bonus, std::string_view(one.part)) <
           std::pair(other.bonus, std::string_view(other.part));
  });
  return scenarios;
}

}  // namespace quorum::grader
