#pragma once

#include <memory>
#include <optional>
#include <set>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "labs/lab4_lock_service/ring_keeper.pb.h"

/// Part 4E: who is on the ring of lab 1 (ring_keeper.proto).
namespace quorum::lock_service {

inline constexpr Method<GetRingRequest, GetRingResponse> kGetRing{
    "/quorum.lock_service.RingKeeper/GetRing"};

/// The ring that is to replace `ring` when `announced` are the nodes that are there; nothing: it is
/// right as it is. Nodes that come have weight 1. Of those that were announced before, `known`, and
/// are not any more, it leaves out as few as one change may: a key whose replicas all go at once is
/// lost, so it is one less than each key has, and at least one. A member that has never been
/// announced stays: when a keeper begins nobody is announced yet. So does the last one.
std::optional<hash_ring::Ring> NextRing(const hash_ring::Ring& ring,
                                        const std::set<NodeId>& announced,
                                        const std::set<NodeId>& known);

/// Role "lock_service.ring": serves the service RingKeeper, with a session library of its own.
/// There may be several; whichever is faster is obeyed.
std::unique_ptr<Node> MakeRingKeeper(Env& env, const NodeConfig& config);
inline constexpr const char* kRingKeeperRole = "lock_service.ring";

}  // namespace quorum::lock_service
