#include "grader/scenarios/paxos/paxos_scenarios.h"

#include <algorithm>
#include <string_view>

#include "grader/scenarios/paxos/authority_room.h"
#include "grader/scenarios/paxos/log_room.h"
#include "grader/scenarios/paxos/synod_room.h"

namespace quorum::grader {

std::vector<Scenario> PaxosScenarios() {
  std::vector<Scenario> scenarios;
  for (const auto& some :
       {paxos::SynodScenarios(), paxos::SynodChoreographies(), paxos::CutOffChoreographies(),
        paxos::LostChoreographies(), paxos::ExploredScenarios(), paxos::LogScenarios(),
        paxos::LogChoreographies(), paxos::LeaderChoreographies(), paxos::BusyLeaderChoreography(),
        paxos::CatchUpScenarios(), paxos::PowerCutScenario(), paxos::AuthorityScenarios()}) {
    scenarios.insert(scenarios.end(), some.begin(), some.end());
  }
  std::stable_sort(scenarios.begin(), scenarios.end(), [](const Scenario& a, const Scenario& b) {
    return std::string_view(a.part) < b.part;
  });
  return scenarios;
}

}  // namespace quorum::grader
