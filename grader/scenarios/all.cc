#include <vector>

#include "grader/scenarios/echo/echo_scenarios.h"
#include "grader/scenarios/hash_ring/cache_scenarios.h"
#include "grader/scenarios/hash_ring/hash_ring_scenarios.h"
#include "grader/scenarios/kv/kv_scenarios.h"
#include "grader/scenarios/lock_service/lock_scenarios.h"
#include "grader/scenarios/paxos/paxos_scenarios.h"
#include "grader/scenarios/raft/raft_scenarios.h"
#include "grader/scenarios/scenario.h"
#include "grader/scenarios/stands_on.h"

namespace quorum::grader {

const std::vector<Scenario>& AllScenarios() {
  static const std::vector<Scenario> all = [] {
    std::vector<Scenario> scenarios;
    for (const auto& lab : {EchoScenarios(), RingScenarios(), CacheScenarios(), PaxosScenarios(),
                            RaftScenarios(), KvScenarios(), LockScenarios()}) {
      scenarios.insert(scenarios.end(), lab.begin(), lab.end());
    }
    return scenarios;
  }();
  return all;
}

std::vector<std::string> StandsOn(std::string_view lab) {
  if (lab == "paxos") return {"hash_ring"};
  if (lab == "raft") return {"raft"};
  if (lab == "lock_service") return {"paxos", "raft", "lock_service"};
  return {};
}

}  // namespace quorum::grader
