#pragma once

#include "grader/scenarios/puppet.h"
#include "grader/scenarios/raft/watch.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::grader::raft {

using SomePuppet =
    PuppetOf<Method<quorum::raft::RequestVoteRequest, quorum::raft::RequestVoteResponse>,
             Method<quorum::raft::AppendEntriesRequest, quorum::raft::AppendEntriesResponse>,
             Method<quorum::raft::InstallSnapshotRequest, quorum::raft::InstallSnapshotResponse>,
             Method<quorum::raft::PreVoteRequest, quorum::raft::PreVoteResponse>,
             Method<quorum::raft::TimeoutNowRequest, quorum::raft::TimeoutNowResponse>>;

/// A server of lab 3 that the scenario plays itself. What it does is not judged, but has happened.
class Puppet final : public SomePuppet {
 public:
  Puppet(Stage& stage, Watch& watch, const NodeConfig& config)
      : SomePuppet(stage, config, quorum::raft::kRequestVote, quorum::raft::kAppendEntries,
                   quorum::raft::kInstallSnapshot, quorum::raft::kPreVote,
                   quorum::raft::kTimeoutNow) {
    watch.AddPuppet(config.self());
  }
};

}  // namespace quorum::grader::raft
