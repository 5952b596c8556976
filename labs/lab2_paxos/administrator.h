#pragma once

#include <memory>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "common/log/replicated_log.h"
#include "labs/lab2_paxos/administrator.pb.h"

/// Part 2E: what it was for. The rings of lab 1 are decided by a log.
namespace quorum::paxos {

inline constexpr Method<ChangeRingRequest, ChangeRingResponse> kChangeRing{
    "/quorum.paxos.RingAdministrator/ChangeRing"};

/// An administrator over the log that `make_log` makes: the state machine that says which ring an
/// epoch has, the service RingAdministrator, and, while this node leads, whoever installs in the
/// cache what was decided. Knows no more of lab 1 than hash_ring.proto and cache.h.
std::unique_ptr<Node> MakeAdministrator(Env& env, const NodeConfig& config,
                                        ReplicatedLogFactory make_log);

/// Role "paxos.administrator": the same over the module's own log.
inline constexpr const char* kAdministratorRole = "paxos.administrator";

}  // namespace quorum::paxos
