#include "grader/scenarios/hash_ring/hash_ring_scenarios.h"

namespace quorum::grader {

std::vector<Scenario> RingScenarios() {
  std::vector<Scenario> all;
  for (const auto& list :
       {RingPlacementScenarios(), RingShareScenarios(), BoundedLoadScenarios()}) {
    all.insert(all.end(), list.begin(), list.end());
  }
  return all;
}

}  // namespace quorum::grader
