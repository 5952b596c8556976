#pragma once

#include <cstdint>
#include <memory>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "common/log/log_host.h"
#include "common/log/replicated_log.h"
#include "labs/lab3_raft/kv.pb.h"

/// Part 3G: a key-value service over a replicated log, with client sessions. This header and
/// kv.proto are the assignment; the classes beside it are the shape of the reference solution.
///
/// What users may rely on:
/// - Each write of a session is executed at most once, and once if the answer is EXECUTED, however
///   often its request arrives, whoever leads, and whatever restarts.
/// - All operations look as if they were done one after the other, each between its call and its
///   answer (linearizability).
/// - Servers remember no more than the sessions that may be open, and of each no more answers than
///   its client still waits for.
///
/// It knows `ReplicatedLog` and nothing of Raft, so it runs over Multi-Paxos as well.
namespace quorum::kv {

inline constexpr Method<OpenSessionRequest, OpenSessionResponse> kOpenSession{
    "/quorum.kv.KeyValue/OpenSession"};
inline constexpr Method<WriteRequest, WriteResponse> kWrite{"/quorum.kv.KeyValue/Write"};
inline constexpr Method<GetRequest, GetResponse> kGet{"/quorum.kv.KeyValue/Get"};

/// How many numbers there may be from `RequestId.first_unanswered` to `sequence`, both counted.
inline constexpr std::uint64_t kWindow = 32;
/// What `KvConfig` means by 0.
inline constexpr std::uint32_t kUsualMaxSessions = 1000;
inline constexpr std::uint32_t kUsualSnapshotEvery = 100;

/// Part "kv.server", a `LogHostFactory`: a node that serves `KeyValue` over the log that `make_log`
/// makes.
std::unique_ptr<Node> MakeServer(Env& env, const NodeConfig& config, ReplicatedLogFactory make_log);
inline constexpr const char* kServerPart = "kv.server";

/// Role "raft.kv": the same over the module's own Raft.
inline constexpr const char* kRaftKvRole = "raft.kv";

/// Role "kv.client": does for users what they ask of `KeyValue`.
std::unique_ptr<Node> MakeClient(Env& env, const NodeConfig& config);
inline constexpr const char* kClientRole = "kv.client";

}  // namespace quorum::kv
