#include "grader/scenarios/kv/kv_scenarios.h"

namespace quorum::grader {

std::vector<Scenario> KvScenarios() {
  std::vector<Scenario> scenarios;
  for (const auto& some :
       {kv::ServerMicroscopes(), kv::ClientMicroscopes(), kv::Choreographies(), kv::Sweeps()}) {
    scenarios.insert(scenarios.end(), some.begin(), some.end());
  }
  return scenarios;
}

}  // namespace quorum::grader
