#include "grader/scenarios/raft/raft_scenarios.h"

#include <algorithm>
#include <string_view>

#include "grader/scenarios/raft/leadership_scenarios.h"
#include "grader/scenarios/raft/microscope.h"

namespace quorum::grader {

std::vector<Scenario> RaftScenarios() {
  std::vector<Scenario> scenarios;
  for (const auto& some :
       {raft::VoteMicroscopes(), raft::ElectionScenarios(), raft::FollowerMicroscopes(),
        raft::LeaderMicroscopes(), raft::ReplicationScenarios(), raft::ExploredScenarios(),
        raft::SnapshotMicroscopes(), raft::SnapshotScenarios(), raft::MembershipMicroscopes(),
        raft::NeededLogMicroscopes(), raft::MembershipScenarios(), raft::PreVoteScenarios(),
        raft::QuorumScenarios(), raft::ReadScenarios(), raft::TransferScenarios(),
        raft::LeaseScenarios(), raft::MixedScenarios(), raft::Choreographies()}) {
    scenarios.insert(scenarios.end(), some.begin(), some.end());
  }
  std::stable_sort(scenarios.begin(), scenarios.end(), [](const Scenario& a, const Scenario& b) {
    return std::string_view(a.part) < b.part;
  });
  return scenarios;
}

}  // namespace quorum::grader
