#pragma once

#include <memory>
#include <string>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "common/log/replicated_log.h"
#include "labs/lab2_paxos/paxos.pb.h"

/// Lab 2: Paxos, first for one decision (parts 2A and 2B), then for a log of them (2C and 2D).
///
/// paxos.proto fixes what nodes say to each other and what they keep on disk. The classes beside
/// this header are the shape of the reference solution. You may choose another one: the grader
/// knows nothing but the .proto and what this header names.
namespace quorum::paxos {

inline constexpr Method<PrepareRequest, PrepareResponse> kPrepare{"/quorum.paxos.Synod/Prepare"};
inline constexpr Method<AcceptRequest, AcceptResponse> kAccept{"/quorum.paxos.Synod/Accept"};
inline constexpr Method<LearnRequest, LearnResponse> kLearn{"/quorum.paxos.Synod/Learn"};
inline constexpr Method<ProposeRequest, ProposeResponse> kPropose{
    "/quorum.paxos.SynodClient/Propose"};

inline constexpr Method<PrepareLogRequest, PrepareLogResponse> kPrepareLog{
    "/quorum.paxos.Log/PrepareLog"};
inline constexpr Method<AcceptEntriesRequest, AcceptEntriesResponse> kAcceptEntries{
    "/quorum.paxos.Log/AcceptEntries"};
inline constexpr Method<FetchRequest, FetchResponse> kFetch{"/quorum.paxos.Log/Fetch"};

inline constexpr char kAcceptorKey[] = "synod/acceptor";
inline constexpr char kDecisionKey[] = "synod/decision";
inline constexpr char kPromiseKey[] = "log/promise";
inline constexpr char kEntryPrefix[] = "log/entry/";
/// The key of a slot's entry: with leading zeros, so that keys are in the order of the slots.
inline std::string EntryKey(LogIndex index) {
  const std::string digits = std::to_string(index);
  return kEntryPrefix + std::string(20 - digits.size(), '0') + digits;
}
inline constexpr char kCommittedKey[] = "log/committed";
inline constexpr char kSnapshotKey[] = "log/snapshot";

/// Role "paxos.synod", parts 2A and 2B: proposer, acceptor and learner of one decision, in one
/// node. Serves the services Synod and SynodClient.
std::unique_ptr<Node> MakeSynodNode(Env& env, const NodeConfig& config);
inline constexpr const char* kSynodRole = "paxos.synod";

/// Part "paxos.log", parts 2C and 2D: a `ReplicatedLogFactory`. The log serves the service Log,
/// and keeps what the .proto says under keys that begin with "log/".
std::unique_ptr<ReplicatedLog> MakePaxosLog(Env& env, const NodeConfig& config,
                                            StateMachine& machine);
inline constexpr const char* kLogRole = "paxos.log";
inline constexpr const char* kLogFactoryType = "ReplicatedLogFactory";

/// Role "paxos.register": the given node of common/log/register.h over the module's own log.
inline constexpr const char* kRegisterRole = "paxos.register";

}  // namespace quorum::paxos
