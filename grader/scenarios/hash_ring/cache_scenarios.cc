#include "grader/scenarios/hash_ring/cache_scenarios.h"

namespace quorum::grader {

std::vector<Scenario> CacheScenarios() {
  std::vector<Scenario> all;
  for (const auto& list :
       {FixedRingScenarios(), HandOverScenarios(), ChunkScenarios(), TwoAdministratorsStory()}) {
    all.insert(all.end(), list.begin(), list.end());
  }
  return all;
}

}  // namespace quorum::grader
