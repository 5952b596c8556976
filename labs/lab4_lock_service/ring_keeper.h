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
/// There may be several; whichever is faster is obeyed. What one has published another goes on
/// from.
std::unique_ptr<Node> MakeRingKeeper(Env& env, const NodeConfig& config);
inline constexpr const char* kRingKeeperRole = "lock_service.ring";

/// Role "lock_service.cache": serves lab 1's service Cache but for InstallRing, with a session
/// library of its own. It asks a member of the published ring, and changes over as soon as it is
/// told of another ring. A get that finds a member dead is asked of another one; a write is not,
/// since it may have been executed, and its user is told so (UNAVAILABLE). UNAVAILABLE, too, before
/// any ring was published.
std::unique_ptr<Node> MakeCacheFront(Env& env, const NodeConfig& config);
inline constexpr const char* kCacheFrontRole = "lock_service.cache";

}  // namespace quorum::lock_service
