#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "common/log/replicated_log.h"
#include "labs/lab3_raft/raft.pb.h"

/// Lab 3: Raft. A log that a majority of servers keeps, led by one of them at a time.
///
/// raft.proto fixes what servers say to each other and what they keep on disk. The classes beside
/// this header are the shape of the reference solution. You may choose another one: the grader
/// knows nothing but the .proto and what this header names.
namespace quorum::raft {

/// Numbers the elections; each term has at most one leader.
using Term = std::uint64_t;

inline constexpr Method<RequestVoteRequest, RequestVoteResponse> kRequestVote{
    "/quorum.raft.Raft/RequestVote"};
inline constexpr Method<AppendEntriesRequest, AppendEntriesResponse> kAppendEntries{
    "/quorum.raft.Raft/AppendEntries"};
inline constexpr Method<InstallSnapshotRequest, InstallSnapshotResponse> kInstallSnapshot{
    "/quorum.raft.Raft/InstallSnapshot"};
inline constexpr Method<ChangeMembershipRequest, ChangeMembershipResponse> kChangeMembership{
    "/quorum.raft.Membership/ChangeMembership"};

inline constexpr Method<PreVoteRequest, PreVoteResponse> kPreVote{"/quorum.raft.Raft/PreVote"};
inline constexpr Method<TimeoutNowRequest, TimeoutNowResponse> kTimeoutNow{
    "/quorum.raft.Raft/TimeoutNow"};
inline constexpr Method<TransferLeadershipRequest, TransferLeadershipResponse> kTransferLeadership{
    "/quorum.raft.Raft/TransferLeadership"};

/// No election timeout is shorter, by the server's own clock. With the features of part 3F this is
/// also what servers promise each other: see raft.proto (thesis, sections 4.2.3 and 6.4.1).
inline constexpr Duration kMinimumElectionTimeout = std::chrono::milliseconds(150);

inline constexpr char kStateKey[] = "raft/state";
inline constexpr char kEntryPrefix[] = "raft/entry/";
/// The key of an entry: with leading zeros, so that keys are in the order of the log.
inline std::string EntryKey(LogIndex index) {
  const std::string digits = std::to_string(index);
  return kEntryPrefix + std::string(20 - digits.size(), '0') + digits;
}
inline constexpr char kSnapshotKey[] = "raft/snapshot";

/// Part "raft.log": a `ReplicatedLogFactory`. The log serves the services Raft and, from part 3E
/// on, Membership, and keeps what the .proto says under keys that begin with "raft/". A
/// leadership's epoch is its term.
std::unique_ptr<ReplicatedLog> MakeRaftLog(Env& env, const NodeConfig& config,
                                           StateMachine& machine);
inline constexpr const char* kLogRole = "raft.log";
inline constexpr const char* kLogFactoryType = "ReplicatedLogFactory";

/// Role "raft.register": the given node of common/log/register.h over the module's own log.
inline constexpr const char* kRegisterRole = "raft.register";

}  // namespace quorum::raft
