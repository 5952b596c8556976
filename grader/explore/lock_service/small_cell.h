#pragma once

#include <string>
#include <string_view>

#include "common/env/module.h"
#include "common/rpc/method.h"
#include "grader/explore/lock_service/small_cell.pb.h"
#include "grader/explore/world_spec.h"

/// The grader's own nodes of small worlds of lab 4: a log, the hosts of the servers that stand on
/// it, and clients.
namespace quorum::explore::locks {

inline constexpr Method<ElectRequest, ElectResponse> kElect{"/quorum.explore.locks.GivenLog/Elect"};
inline constexpr Method<ProposeRequest, ProposeResponse> kPropose{
    "/quorum.explore.locks.GivenLog/Propose"};
inline constexpr Method<ConfirmRequest, ConfirmResponse> kConfirm{
    "/quorum.explore.locks.GivenLog/Confirm"};
inline constexpr Method<LeadRequest, LeadResponse> kLead{"/quorum.explore.locks.LogEnd/Lead"};
inline constexpr Method<LeadNoMoreRequest, LeadNoMoreResponse> kLeadNoMore{
    "/quorum.explore.locks.LogEnd/LeadNoMore"};
inline constexpr Method<BeginRequest, BeginResponse> kBegin{
    "/quorum.explore.locks.ScriptedClient/Begin"};
inline constexpr Method<TakeTurnRequest, TakeTurnResponse> kTakeTurn{
    "/quorum.explore.locks.ScriptedClient/TakeTurn"};
inline constexpr Method<GiveBackRequest, GiveBackResponse> kGiveBack{
    "/quorum.explore.locks.ScriptedClient/GiveBack"};
inline constexpr Method<KeepSessionRequest, KeepSessionResponse> kKeepSession{
    "/quorum.explore.locks.ScriptedClient/KeepAlive"};

/// The servers are n1 and n2, the log is n3, and the clients come behind.
inline constexpr NodeId kServers[] = {1, 2};
inline constexpr NodeId kLogNode = 3;
inline constexpr NodeId kClients[] = {4, 5};
inline constexpr const char* kLockPath = "/ls/local/lock";

/// A call between nodes of a world fails when its receiver dies, and by nothing else.
inline constexpr Duration kForEver = std::chrono::hours(1'000'000);

/// The implementation's server on the given log. Its host says what `Said` has.
Host ServerHost();
/// The log's node, and a client's.
std::unique_ptr<Node> MakeGivenLog(Env& env, const NodeConfig& config);
std::unique_ptr<Node> MakeScriptedClient(Env& env, const NodeConfig& config);

/// What a host has said, for readers.
std::string TellSaid(std::string_view said);

}  // namespace quorum::explore::locks
