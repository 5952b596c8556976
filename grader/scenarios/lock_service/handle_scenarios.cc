// The bonus: open handles that are cached.

#include <fmt/format.h>

#include "grader/scenarios/lock_service/acts.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

constexpr Statement kHandles = {
    "lock.handles-are-kept",
    "A file that was opened, read and closed, and that nobody has changed since, is opened again "
    "without asking the cell; and what closing does it does all the same.",
    "Chubby, section 2.7; lab 4, bonus"};

constexpr char kOpenedAgain[] = "a closed file was opened again at once";

/// Opens a file that is there, and reads it: from then on it is cached.
std::uint64_t OpenAndRead(LockRoom& room, NodeId client, const std::string& path) {
  const std::uint64_t handle = room.Demand(client, user::kOpen, Opening(path, true)).handle();
  room.Contents(client, handle);
  return handle;
}

/// Whether a file that is open is cached: reading takes no time, and so no message.
bool ReadsAtOnce(LockRoom& room, NodeId client, std::uint64_t handle) {
  const sim::SimTime asked = room.world().now();
  room.Contents(client, handle);
  return room.world().now() == asked;
}

/// The same of opening a file that is there.
bool OpensAtOnce(LockRoom& room, NodeId client, const lock::OpenRequest& request) {
  const sim::SimTime asked = room.world().now();
  const auto opened = room.Do(client, user::kOpen, request);
  return opened.ok() && opened->handle() != 0 && room.world().now() == asked;
}

bool IsClosed(LockRoom& room, NodeId client, std::uint64_t handle) {
  lock::GetStatRequest request;
  request.set_handle(handle);
  return absl::IsUnauthenticated(room.Do(client, user::kGetStat, request).status());
}

/// Opens, reads and closes a file that nobody changes meanwhile.
void OpenAgainAndAgain(LockRoom& room, NodeId client, const std::string& path) {
  const std::uint64_t handle = OpenAndRead(room, client, path);
  const bool cached = ReadsAtOnce(room, client, handle);  // not soon after a fail-over
  Close(room, client, handle);
  room.stage().Require(kHandles, IsClosed(room, client, handle),
                       "A handle that was closed is still good.");
  const bool at_once = OpensAtOnce(room, client, Opening(path, true));
  room.stage().Require(kHandles, at_once || !cached,
                       "A file that is cached and was closed is not opened at once.");
  if (at_once) {
    room.stage().Observe(kOpenedAgain);
    Close(room, client, handle);
  }
  room.stage().Require(kHandles, !OpensAtOnce(room, client, Opening(path, false)),
                       "A handle serves for what it was not opened for.");
}

/// The lock that a handle holds is free when it is closed, and its ephemeral file gone.
void CloseWithEffects(LockRoom& room, NodeId client, NodeId other, const std::string& path) {
  const std::uint64_t locked = OpenAndRead(room, client, path);
  room.stage().Require(kHandles, room.TryLock(client, locked), "A free lock was not given.");
  room.Contents(client, locked);
  Close(room, client, locked);
  room.stage().Require(kHandles, room.TryLock(other, room.OpenFile(other, path)),
                       "A handle was closed, and the lock that it held is not free.");
  const std::uint64_t ephemeral = room.OpenFile(client, path + "-ephemeral", true);
  room.Contents(client, ephemeral);
  Close(room, client, ephemeral);
  room.stage().Require(kHandles, !Exists(room, other, path + "-ephemeral"),
                       "The last handle of an ephemeral file was closed, and the file is there.");
}

void PlayHandles(Stage& stage) {
  LockRoom room(stage, {.clients = 2, .over_paxos = stage.random().Below(2) == 0});
  const NodeId one = LockRoom::Client(0);
  const NodeId other = LockRoom::Client(1);
  const std::string path = LockRoom::Path("f");
  const std::uint64_t written = room.OpenFile(other, path);
  for (int round = 0; round < 3; ++round) {
    OpenAgainAndAgain(room, one, path);
    room.SetContents(other, written, fmt::format("{}", round));
    const std::uint64_t handle = OpenAndRead(room, one, path);
    stage.Require(kHandles, room.Contents(one, handle) == fmt::format("{}", round),
                  "A file is opened again, and what is read there is out of date.");
    Close(room, one, handle);
    if (round != 1) continue;
    const NodeId leader = room.AwaitLeader();
    room.world().Crash(leader, false);
    stage.Step("The master dies.");
    Close(room, one, OpenAndRead(room, one, path));
    room.world().Boot(leader);
  }
  lock::DeleteRequest remove;
  remove.set_handle(written);
  room.Demand(other, user::kDelete, remove);
  room.OpenFile(other, path);
  stage.Step("The file is removed, and another one of that name made.");
  room.SetContents(one, OpenAndRead(room, one, path), "of the new one");
  CloseWithEffects(room, one, other, path);
}

}  // namespace

std::vector<Scenario> HandleScenarios() {
  return {
      {.lab = "lock_service",
       .part = "4D",
       .name = "OpenHandles",
       .story =
           "A client opens, reads and closes a file, again and again, while another one writes "
           "it, removes it and makes it anew. The master dies once.",
       .points = 2,
       .seeds = 20,
       .bonus = true,
       .must_observe = {kOpenedAgain},
       .play = PlayHandles},
  };
}

}  // namespace quorum::grader::locks
