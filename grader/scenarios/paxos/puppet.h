#pragma once

#include "grader/scenarios/paxos/watch.h"
#include "grader/scenarios/puppet.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::grader::paxos {

using SomePuppet =
    PuppetOf<Method<quorum::paxos::PrepareRequest, quorum::paxos::PrepareResponse>,
             Method<quorum::paxos::AcceptRequest, quorum::paxos::AcceptResponse>,
             Method<quorum::paxos::LearnRequest, quorum::paxos::LearnResponse>,
             Method<quorum::paxos::PrepareLogRequest, quorum::paxos::PrepareLogResponse>,
             Method<quorum::paxos::AcceptEntriesRequest, quorum::paxos::AcceptEntriesResponse>,
             Method<quorum::paxos::FetchRequest, quorum::paxos::FetchResponse>>;

/// A node of lab 2 that the scenario plays itself. What it does is not judged, but has happened.
class Puppet final : public SomePuppet {
 public:
  Puppet(Stage& stage, Watch& watch, const NodeConfig& config)
      : SomePuppet(stage, config, quorum::paxos::kPrepare, quorum::paxos::kAccept,
                   quorum::paxos::kLearn, quorum::paxos::kPrepareLog, quorum::paxos::kAcceptEntries,
                   quorum::paxos::kFetch) {
    watch.AddPuppet(config.self());
  }
};

}  // namespace quorum::grader::paxos
