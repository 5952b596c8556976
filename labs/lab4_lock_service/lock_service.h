#pragma once

#include <memory>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "common/log/log_host.h"
#include "labs/lab4_lock_service/lock_client.pb.h"
#include "labs/lab4_lock_service/lock_service.pb.h"
#include "labs/lab4_lock_service/lock_state.pb.h"

/// Lab 4: a lock service in the manner of Chubby (Burrows, OSDI 2006), on a replicated log.
///
/// lock_service.proto is what clients ask of a cell, lock_state.proto what its servers agree on,
/// and lock_client.proto what a user asks of the session library. The classes beside this header
/// are the shape of the reference solution. You may choose another one: the grader knows nothing
/// but the three and what this header names.
///
/// What users may rely on:
/// - To its clients the cell looks like a single server that does one thing at a time, and does
/// each
///   thing that it is asked for once, however often the request arrives.
/// - A lock is held by one handle in exclusive mode, or by any number in shared mode. Lock
///   generations rise with each acquisition of a free lock, for ever.
/// - A session that has ended holds nothing, and whatever it held went in one step. A session that
///   lives loses nothing, whichever servers die.
/// - Whenever the library answers that a session, a lock or a cached value is valid, the cell has
///   not ended or changed it at that instant, as long as no clock runs faster or slower than real
///   time by more than `NodeConfig.clock_rate_bound_ppm`. A clock that jumps or stands still is out
///   of that bound: then only what the log orders still holds, which is all of the above, and
///   fencing by lock generations.
/// - Once anybody can read a new value, nobody reads the old one from a cache.
/// - Events come in the order in which things happened, each after the change that it tells of can
///   be read; if any is lost the session is told so.
namespace quorum::lock_service {

inline constexpr Method<LocateRequest, LocateResponse> kLocate{
    "/quorum.lock_service.LockService/Locate"};
inline constexpr Method<CreateSessionRequest, CreateSessionResponse> kCreateSession{
    "/quorum.lock_service.LockService/CreateSession"};
inline constexpr Method<KeepAliveRequest, KeepAliveResponse> kKeepAlive{
    "/quorum.lock_service.LockService/KeepAlive"};
inline constexpr Method<EndSessionRequest, EndSessionResponse> kEndSession{
    "/quorum.lock_service.LockService/EndSession"};
inline constexpr Method<OpenRequest, OpenResponse> kOpen{"/quorum.lock_service.LockService/Open"};
inline constexpr Method<CloseRequest, CloseResponse> kClose{
    "/quorum.lock_service.LockService/Close"};
inline constexpr Method<GetContentsAndStatRequest, GetContentsAndStatResponse> kGetContentsAndStat{
    "/quorum.lock_service.LockService/GetContentsAndStat"};
inline constexpr Method<GetStatRequest, GetStatResponse> kGetStat{
    "/quorum.lock_service.LockService/GetStat"};
inline constexpr Method<ReadDirRequest, ReadDirResponse> kReadDir{
    "/quorum.lock_service.LockService/ReadDir"};
inline constexpr Method<SetContentsRequest, SetContentsResponse> kSetContents{
    "/quorum.lock_service.LockService/SetContents"};
inline constexpr Method<DeleteRequest, DeleteResponse> kDelete{
    "/quorum.lock_service.LockService/Delete"};
inline constexpr Method<AcquireRequest, AcquireResponse> kAcquire{
    "/quorum.lock_service.LockService/Acquire"};
inline constexpr Method<TryAcquireRequest, AcquireResponse> kTryAcquire{
    "/quorum.lock_service.LockService/TryAcquire"};
inline constexpr Method<ReleaseRequest, ReleaseResponse> kRelease{
    "/quorum.lock_service.LockService/Release"};
inline constexpr Method<GetSequencerRequest, GetSequencerResponse> kGetSequencer{
    "/quorum.lock_service.LockService/GetSequencer"};
inline constexpr Method<CheckSequencerRequest, CheckSequencerResponse> kCheckSequencer{
    "/quorum.lock_service.LockService/CheckSequencer"};
inline constexpr Method<SetAclRequest, SetAclResponse> kSetAcl{
    "/quorum.lock_service.LockService/SetAcl"};

/// Part "lock_service.server", a `LogHostFactory`: one server of a cell, over the log that it is
/// given. Serves the service LockService. All of its durable state is its log's.
std::unique_ptr<Node> MakeLockServer(Env& env, const NodeConfig& config,
                                     ReplicatedLogFactory make_log);
inline constexpr const char* kServerRole = "lock_service.server";

/// What the library's user asks of it: the same requests and answers.
namespace user {

inline constexpr Method<OpenRequest, OpenResponse> kOpen{"/quorum.lock_service.LockClient/Open"};
inline constexpr Method<CloseRequest, CloseResponse> kClose{
    "/quorum.lock_service.LockClient/Close"};
inline constexpr Method<GetContentsAndStatRequest, GetContentsAndStatResponse> kGetContentsAndStat{
    "/quorum.lock_service.LockClient/GetContentsAndStat"};
inline constexpr Method<GetStatRequest, GetStatResponse> kGetStat{
    "/quorum.lock_service.LockClient/GetStat"};
inline constexpr Method<ReadDirRequest, ReadDirResponse> kReadDir{
    "/quorum.lock_service.LockClient/ReadDir"};
inline constexpr Method<SetContentsRequest, SetContentsResponse> kSetContents{
    "/quorum.lock_service.LockClient/SetContents"};
inline constexpr Method<DeleteRequest, DeleteResponse> kDelete{
    "/quorum.lock_service.LockClient/Delete"};
inline constexpr Method<AcquireRequest, AcquireResponse> kAcquire{
    "/quorum.lock_service.LockClient/Acquire"};
inline constexpr Method<TryAcquireRequest, AcquireResponse> kTryAcquire{
    "/quorum.lock_service.LockClient/TryAcquire"};
inline constexpr Method<ReleaseRequest, ReleaseResponse> kRelease{
    "/quorum.lock_service.LockClient/Release"};
inline constexpr Method<GetSequencerRequest, GetSequencerResponse> kGetSequencer{
    "/quorum.lock_service.LockClient/GetSequencer"};
inline constexpr Method<CheckSequencerRequest, CheckSequencerResponse> kCheckSequencer{
    "/quorum.lock_service.LockClient/CheckSequencer"};
inline constexpr Method<SetAclRequest, SetAclResponse> kSetAcl{
    "/quorum.lock_service.LockClient/SetAcl"};
inline constexpr Method<EndSessionRequest, EndSessionResponse> kEndSession{
    "/quorum.lock_service.LockClient/EndSession"};
inline constexpr Method<GetSessionRequest, GetSessionResponse> kGetSession{
    "/quorum.lock_service.LockClient/GetSession"};
inline constexpr Method<HoldsLockRequest, HoldsLockResponse> kHoldsLock{
    "/quorum.lock_service.LockClient/HoldsLock"};
inline constexpr Method<NextEventsRequest, NextEventsResponse> kNextEvents{
    "/quorum.lock_service.LockClient/NextEvents"};

}  // namespace user

/// Role "lock_service.client": the session library, as a node. Serves the service LockClient and
/// keeps nothing on its disk.
std::unique_ptr<Node> MakeLockClient(Env& env, const NodeConfig& config);
inline constexpr const char* kClientRole = "lock_service.client";

}  // namespace quorum::lock_service
