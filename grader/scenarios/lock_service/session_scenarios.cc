// Part 4B: sessions, and the library that keeps them.

#include <fmt/format.h>

#include "grader/scenarios/lock_service/lock_room.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

void PlaySessions(Stage& stage) {
  LockRoom room(stage, {.clients = 2});
  const NodeId one = LockRoom::Client(0);
  const NodeId other = LockRoom::Client(1);
  const std::uint64_t handle = room.OpenFile(one, LockRoom::Path("here"), /*ephemeral=*/true);
  const std::uint64_t session = room.Demand(one, user::kGetSession, {}).session();
  const std::uint64_t seen = room.OpenFile(other, LockRoom::Path("f"));
  for (int lease = 0; lease < 8; ++lease) {
    room.world().RunFor(room.options().lease);
    const auto now = room.Demand(one, user::kGetSession, {});
    stage.Require(kLives, now.state() == lock::VALID && now.session() == session,
                  fmt::format("Nothing has gone wrong for {} leases, and session {} is {}.",
                              lease + 1, session, lock::SessionState_Name(now.state())));
  }
  stage.Step("A client opens an ephemeral node and keeps its session for eight leases.");
  room.CutOff(one, true);
  stage.Step("It is cut off.");
  room.world().RunFor(room.options().lease + room.options().lease / 10);
  stage.Require(kEnds, room.SessionOf(one) == lock::IN_JEOPARDY,
                "Its lease is over, and it does not say that it is in jeopardy.");
  room.world().RunFor(room.options().lease * 2);
  lock::OpenRequest absent;
  absent.set_path(LockRoom::Path("here"));
  stage.Require(kEnds, room.Demand(other, user::kOpen, absent).handle() == 0,
                "A client has been silent for three leases, and its ephemeral node is still "
                "there.");
  room.world().RunFor(room.options().grace);
  stage.Require(kEnds, room.SessionOf(one) == lock::EXPIRED,
                "The grace period is over, and it does not say that its session has expired.");
  room.CutOff(one, false);
  room.world().RunFor(room.options().lease);
  lock::GetStatRequest stat;
  stat.set_handle(handle);
  stage.Require(kEnds, absl::IsUnauthenticated(room.Do(one, user::kGetStat, stat).status()),
                "A handle of a session that has expired is used, and is not refused.");
  room.OpenFile(one, LockRoom::Path("again"));
  stage.Require(kEnds, room.Demand(one, user::kGetSession, {}).session() > session,
                "A new session has a number that is not larger than the one before.");
  stat.set_handle(seen);
  room.Demand(other, user::kGetStat, stat);
}

void PlayFailOver(Stage& stage) {
  LockRoom room(stage, {.servers = 5, .clients = 3, .over_paxos = stage.random().Below(2) == 0});
  std::vector<std::uint64_t> sessions;
  for (const NodeId client : room.clients()) {
    room.OpenFile(client, LockRoom::Path(fmt::format("of-{}", client)), /*ephemeral=*/true);
    sessions.push_back(room.Demand(client, user::kGetSession, {}).session());
  }
  for (int fail_over = 0; fail_over < 3; ++fail_over) {
    const NodeId leader = room.AwaitLeader();
    room.world().RunFor(stage.random().Between(0, 2000) * kMillisecond);
    const bool dies = stage.random().Below(2) == 0;
    dies ? room.world().Crash(leader, stage.random().Below(2) == 0) : room.world().Pause(leader);
    stage.Step(fmt::format("Node {}, the master, {}.", leader, dies ? "dies" : "is stopped"));
    room.world().RunFor(stage.random().Between(1000, 6000) * kMillisecond);
    dies ? room.world().Boot(leader) : room.world().Resume(leader);
    room.world().RunFor(room.options().lease);
  }
  for (std::size_t number = 0; number < sessions.size(); ++number) {
    const NodeId client = LockRoom::Client(static_cast<int>(number));
    const auto now = room.Demand(client, user::kGetSession, {});
    stage.Require(
        kLives, now.state() == lock::VALID && now.session() == sessions[number],
        fmt::format("Node {} had session {}; now it has {}, which is {}.", client, sessions[number],
                    now.session(), lock::SessionState_Name(now.state())));
  }
}

}  // namespace

std::vector<Scenario> SessionScenarios() {
  return {
      {.lab = "lock_service",
       .part = "4B",
       .name = "Sessions",
       .story = "A client keeps a session with an ephemeral node, and is cut off until the session "
                "has expired; then it comes back.",
       .points = 2,
       .seeds = 20,
       .play = PlaySessions},
      {.lab = "lock_service",
       .part = "4B",
       .name = "FailOver",
       .story = "The master dies or is stopped three times, each time for less than the grace "
                "period. No session is lost.",
       .points = 2,
       .seeds = 20,
       .play = PlayFailOver},
  };
}

}  // namespace quorum::grader::locks
