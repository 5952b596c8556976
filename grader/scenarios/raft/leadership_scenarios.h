#pragma once

#include <string>
#include <vector>

#include "grader/scenarios/raft/raft_room.h"

namespace quorum::grader::raft {

/// Features of part 3F.
inline const std::vector<std::string> kPreVoteOn = {"pre-vote"};
inline const std::vector<std::string> kCheckQuorumOn = {"check-quorum"};
inline const std::vector<std::string> kBothOn = {"pre-vote", "check-quorum"};
inline const std::vector<std::string> kLeasesOn = {"pre-vote", "check-quorum", "lease-reads"};

/// Parts 3F's scenarios do without snapshots, where these are not what matters.
inline constexpr std::uint32_t kHardlyASnapshot = 1'000'000;

/// Asks `leader` to make `target` the leader. How it ended is told to `done`.
void Transfer(
    RaftRoom& room, NodeId leader, NodeId target,
    std::function<void(const absl::StatusOr<quorum::raft::TransferLeadershipResponse>&)> done);

/// Clients append, put and read, also at leaders that were deposed, and an administrator asks one
/// leader after the other to hand over, while faults of the profile happen.
void TellLeadersUnderFaults(Stage& stage, RaftRoom& room, faults::Profile profile);

/// The graded tests of part 3F, by what they are about.
std::vector<Scenario> PreVoteScenarios();
std::vector<Scenario> QuorumScenarios();
std::vector<Scenario> ReadScenarios();
std::vector<Scenario> TransferScenarios();
std::vector<Scenario> LeaseScenarios();

}  // namespace quorum::grader::raft
