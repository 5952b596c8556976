#pragma once

#include <memory>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "labs/lab4_lock_service/recipes.pb.h"

/// Part 4E: what is made of sessions, locks and small files (Chubby, sections 2.4 and 4.3).
namespace quorum::lock_service {

inline constexpr Method<WriteFencedRequest, WriteFencedResponse> kWriteFenced{
    "/quorum.lock_service.FencedStore/WriteFenced"};
inline constexpr Method<ReadFencedRequest, ReadFencedResponse> kReadFenced{
    "/quorum.lock_service.FencedStore/ReadFenced"};
inline constexpr Method<GetLeaderRequest, GetLeaderResponse> kGetLeader{
    "/quorum.lock_service.Candidate/GetLeader"};
inline constexpr Method<WriteAsLeaderRequest, WriteAsLeaderResponse> kWriteAsLeader{
    "/quorum.lock_service.Candidate/WriteAsLeader"};
inline constexpr Method<RegisterRequest, RegisterResponse> kRegister{
    "/quorum.lock_service.Names/Register"};
inline constexpr Method<ResolveRequest, ResolveResponse> kResolve{
    "/quorum.lock_service.Names/Resolve"};

/// Role "lock_service.store": serves the service FencedStore.
std::unique_ptr<Node> MakeFencedStore(Env& env, const NodeConfig& config);
inline constexpr const char* kStoreRole = "lock_service.store";

/// Role "lock_service.candidate": serves the service Candidate, with a session library of its own.
std::unique_ptr<Node> MakeCandidate(Env& env, const NodeConfig& config);
inline constexpr const char* kCandidateRole = "lock_service.candidate";

/// Role "lock_service.names": serves the service Names, with a session library of its own.
std::unique_ptr<Node> MakeNames(Env& env, const NodeConfig& config);
inline constexpr const char* kNamesRole = "lock_service.names";

}  // namespace quorum::lock_service
