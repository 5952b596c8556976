// Schedules that chance seldom brings about: answers that are lost just then, leaders that change,
// snapshots and sessions that end between a write and its repetition.

#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/kv/crowd.h"
#include "grader/scenarios/kv/kv_scenarios.h"
#include "grader/scenarios/kv/raft_kv_room.h"
#include "grader/scenarios/kv/statements.h"
#include "grader/scenarios/log/stories.h"

namespace quorum::grader::kv {
namespace {

constexpr char kAnsweredByNext[] =
    "a later leader answered a write that an earlier one had "
    "executed";
constexpr char kAnsweredFromSnapshot[] = "a write was answered from what a snapshot remembers";
constexpr char kReadAtDeposed[] = "a user read at the deposed leader after another one had written";
constexpr char kExpired[] = "a session expired while its client waited for an answer";

/// Sees to it that client 0 has a session, and knows who leads.
void Introduce(KvRoom& room) {
  room.Await(room.Write(room.client(0), Append("a", "0;")), "A first write");
}

/// The client's writes are executed, and none of their answers arrives.
std::vector<Pending> WriteInVain(Stage& stage, KvRoom& room) {
  room.CutWay(room.servers(), {room.client(0)}, true);
  const LogIndex before = room.facts().last();
  std::vector<Pending> writes = {room.Write(room.client(0), Append("a", "1;")),
                                 room.Write(room.client(0), Swap("b", "never", "2;")),
                                 room.Write(room.client(0), DeleteKey("c")),
                                 room.Write(room.client(0), Append("a", "3;"))};
  room.AwaitThat([&] { return room.facts().last() >= before + writes.size(); },
                 "that writes are executed whose answers get lost");
  stage.Step("Client 101 writes four times. All of it is executed, and the answers are lost.");
  return writes;
}

/// Others go on, so that executing these writes again would be seen.
void WriteOver(KvRoom& room) {
  const NodeId other = room.client(1);
  room.Await(room.Write(other, Append("a", "4;")), "A write of another client");
  room.Await(room.Write(other, Put("b", "never")), "A write of another client");
  room.Await(room.Write(other, Put("c", "5;")), "A write of another client");
}

void AwaitAll(KvRoom& room, const std::vector<Pending>& writes) {
  for (const Pending& write : writes) room.Await(write, "A write whose answer was lost");
}

void PlayLostAnswers(Stage& stage) {
  RaftKvRoom room(stage, {.servers = DrawServers(stage)});
  const NodeId leader = room.AwaitLeader();
  Introduce(room);
  const std::vector<Pending> writes = WriteInVain(stage, room);
  const bool dies = stage.random().Below(2) == 0;
  dies ? room.world().Crash(leader, true) : room.CutOff(leader, true);
  stage.Step(fmt::format("Server {}, which leads, {}.", leader, dies ? "dies" : "is cut off"));
  room.AwaitLeader(leader);
  WriteOver(room);
  room.CutWay(room.servers(), {room.client(0)}, false);
  stage.Step("Another server leads, other clients go on, and client 101 can hear again.");
  AwaitAll(room, writes);
  stage.Observe(kAnsweredByNext);
  dies ? room.world().Boot(leader) : room.CutOff(leader, false);
  room.HealAndJudge();
}

void PlayRetryAfterRestart(Stage& stage) {
  RaftKvRoom room(stage, {.servers = DrawServers(stage), .snapshot_every = 8});
  room.AwaitLeader();
  Introduce(room);
  const std::vector<Pending> writes = WriteInVain(stage, room);
  const LogIndex executed = room.facts().last();
  room.CutWay({room.client(0)}, room.servers(), true);  // until all have forgotten
  WriteOver(room);
  for (int number = 0; number < 12; ++number) {
    room.Await(room.Write(room.client(1), Append(kLogKey, fmt::format("{};", number))),
               "A write of another client");
  }
  room.world().RunFor(kSecond);
  stage.Step("Another client writes, until there are snapshots. Then all servers lose power.");
  for (const NodeId server : room.servers()) room.world().Crash(server, true);
  room.world().RunFor(stage.random().Between(1, 100) * kMillisecond);
  for (const NodeId server : room.servers()) room.world().Boot(server);
  room.CutWay({room.client(0)}, room.servers(), false);
  room.CutWay(room.servers(), {room.client(0)}, false);
  AwaitAll(room, writes);
  const bool restored = std::ranges::any_of(
      room.servers(), [&](NodeId server) { return room.facts().restored(server) >= executed; });
  if (restored) stage.Observe(kAnsweredFromSnapshot);
  room.HealAndJudge();
}

/// As many as may be open, and then as many again; some are used.
void FloodWithSessions(KvRoom& room, int sessions) {
  for (int number = 0; number < sessions; ++number) room.OpenStrangersSession();
}

void PlayExpiredSessions(Stage& stage) {
  RaftKvRoom room(stage, {.servers = 3, .max_sessions = 4, .snapshot_every = kSnapshotEvery});
  const BoundStatements bounds = {kBounded, kBounded, kBounded, kBounded, kBounded};
  WatchBounds(stage, bounds, quorum::raft::kEntryPrefix);
  room.AwaitLeader();
  Introduce(room);
  const std::vector<Pending> writes = WriteInVain(stage, room);
  FloodWithSessions(room, 5);
  stage.Step("Strangers open five sessions, and four may be open.");
  room.CutWay(room.servers(), {room.client(0)}, false);
  room.AwaitThat(
      [&] { return std::ranges::all_of(writes, [](const Pending& one) { return one->done; }); },
      "that client 101 is told of its writes, or that its session has expired");
  for (const Pending& write : writes) {
    if (absl::IsAborted(write->status)) stage.Observe(kExpired);
  }
  room.Await(room.Write(room.client(0), Append("a", "6;")), "A write in a new session");
  stage.Step("Then come far more sessions and writes than anyone could keep.");
  for (int round = 0; round < 30; ++round) {
    FloodWithSessions(room, 1);
    std::vector<Pending> some;
    for (int number = 0; number < 40; ++number) {
      some.push_back(room.Write(
          room.client(1), Put(fmt::format("d{}", number), fmt::format("{}.{};", round, number))));
    }
    const auto told = [&] {
      return std::ranges::all_of(some, [](const Pending& one) { return one->done; });
    };
    room.AwaitThat(told, "that writes are answered while sessions come and go");
  }
  room.HealAndJudge();
}

void PlayNewLeaders(Stage& stage) {
  RaftKvRoom room(stage, {.servers = DrawServers(stage), .clients = 3});
  Crowd crowd(room, {.operations = 30, .users = 2, .longest_pause = 60 * kMillisecond});
  crowd.Begin();
  for (int change = 0; change < 5; ++change) {
    const NodeId leader = room.AwaitLeader();
    room.world().RunFor(stage.random().Between(50, 300) * kMillisecond);
    const bool dies = stage.random().Below(2) == 0;
    if (dies) {
      room.world().CrashBeforeEffect(leader,
                                     1 + static_cast<std::uint32_t>(stage.random().Below(8)));
    } else {
      room.CutOff(leader, true);
    }
    stage.Step(
        fmt::format("Server {}, which leads, {}.", leader,
                    dies ? "dies in the middle of a handler" : "is cut off from the others"));
    const sim::SimTime until = room.world().now() + stage.random().Between(300, 900) * kMillisecond;
    while (room.world().now() < until) {
      if (!dies && room.tap().leader() != leader) stage.Observe(kReadAtDeposed);
      // Users may ask any server. A read that is not confirmed is no answer.
      room.Get(leader, kLogKey);
      room.world().RunFor(20 * kMillisecond);
    }
    if (!dies) room.CutOff(leader, false);
    room.world().CrashBeforeEffect(leader, 0);
    room.world().Boot(leader);
  }
  room.HealAndJudge([&] { return crowd.done(); });
}

Scenario Choreography(const char* name, const char* story, const char* must_observe,
                      void (*play)(Stage&), int seeds = 20) {
  return {.lab = "raft",
          .part = "3G",
          .name = name,
          .story = story,
          .points = 1,
          .seeds = seeds,
          .must_observe = {must_observe},
          .play = play};
}

}  // namespace

std::vector<Scenario> Choreographies() {
  return {
      Choreography("LostAnswers",
                   "A client's writes are executed, the answers are lost, and the leader is gone. "
                   "Others change the same keys; then the client asks the next leader.",
                   kAnsweredByNext, PlayLostAnswers),
      Choreography("RetryAfterRestart",
                   "A client's writes are executed, and the answers are lost. Snapshots take their "
                   "place in the logs, and all servers restart; then the client asks again.",
                   kAnsweredFromSnapshot, PlayRetryAfterRestart),
      Choreography("ExpiredSessions",
                   "A client's writes are executed, the answers are lost, and its session expires "
                   "before it asks again. Then come far more sessions and writes than a server "
                   "could keep.",
                   kExpired, PlayExpiredSessions, 5),
      Choreography(
          "StoreUnderNewLeaders",
          "Leader after leader dies or is cut off while users go on, and some of them read "
          "at the leader that is one no more.",
          kReadAtDeposed, PlayNewLeaders),
  };
}

}  // namespace quorum::grader::kv
