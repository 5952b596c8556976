#pragma once

#include <memory>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "labs/lab1_hash_ring/hash_ring.pb.h"

/// Parts 1C to 1E of lab 1: a replicated cache on a hash ring. This header and hash_ring.proto are
/// the assignment.
///
/// What users may rely on:
/// - A write that was acknowledged is on the disk of every replica that the ring lists for its key.
///   While one of them cannot be reached, the key cannot be written; other keys can.
/// - A write is executed once, however often its request arrives.
/// - A get sees what has been acknowledged. Of a write that is under way it sees the effect or it
///   does not; once some get has seen it, all later ones do.
/// - (1D) The same holds across changes of the ring, if between two completed hand-overs at most
///   n - 1 of the nodes listed for a key lose their data, n being the number of replicas. One
///   exception: as long as a key's old primary has not heard of the new ring, a get *there* may
///   miss writes that were acknowledged elsewhere since.
/// - (1D) A node that finds its storage empty although `NodeConfig.first_boot` is false has lost
///   its data. It answers nothing but FAILED_PRECONDITION, for ever: it has acknowledged what it
///   can no longer show, and only a new node under a new id may take its place.
namespace quorum::hash_ring {

inline constexpr Method<PutRequest, PutResponse> kPut{"/quorum.hash_ring.Cache/Put"};
inline constexpr Method<AppendRequest, AppendResponse> kAppend{"/quorum.hash_ring.Cache/Append"};
inline constexpr Method<DeleteRequest, DeleteResponse> kDelete{"/quorum.hash_ring.Cache/Delete"};
inline constexpr Method<GetRequest, GetResponse> kGet{"/quorum.hash_ring.Cache/Get"};
inline constexpr Method<InstallRingRequest, InstallRingResponse> kInstallRing{
    "/quorum.hash_ring.Cache/InstallRing"};

inline constexpr Method<WriteRequest, WriteResponse> kWrite{"/quorum.hash_ring.Replica/Write"};
inline constexpr Method<ReadRequest, ReadResponse> kRead{"/quorum.hash_ring.Replica/Read"};
inline constexpr Method<ReplicateRequest, ReplicateResponse> kReplicate{
    "/quorum.hash_ring.Replica/Replicate"};
inline constexpr Method<EnterRingRequest, EnterRingResponse> kEnterRing{
    "/quorum.hash_ring.Replica/EnterRing"};
inline constexpr Method<CopyArcsRequest, CopyArcsResponse> kCopyArcs{
    "/quorum.hash_ring.Replica/CopyArcs"};

/// Role "cache.node": serves all of the above.
inline constexpr const char* kCacheNodeRole = "cache.node";
std::unique_ptr<Node> MakeCacheNode(Env& env, const NodeConfig& config);

/// Role "cache.client": serves the methods of `Cache` and keeps no keys. Its id is on no ring.
inline constexpr const char* kCacheClientRole = "cache.client";
std::unique_ptr<Node> MakeCacheClient(Env& env, const NodeConfig& config);

}  // namespace quorum::hash_ring
