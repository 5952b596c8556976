// Part 4B: a library whose answers are lost, and one of another making than its servers.

#include <fmt/format.h>

#include "grader/scenarios/lock_service/acts.h"
#include "grader/scenarios/lock_service/state_rules.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

constexpr char kAnsweredAgain[] = "an operation was executed, and its first answer was lost";
constexpr char kTwoEnds[] = "the ends of two sessions were under way at a time";

/// The library hears nothing for less than its lease, again and again, and asks again.
void PlayLibraryAsksAgain(Stage& stage) {
  LockRoom room(stage, {.clients = 1, .over_paxos = stage.random().Below(2) == 0});
  const NodeId client = LockRoom::Client(0);
  const std::uint64_t file = room.OpenFile(client, LockRoom::Path("f"));
  for (std::uint64_t generation = 1; generation < 12; ++generation) {
    room.world().RunFor(stage.random().Between(0, 700) * kMillisecond);
    room.CutWay(room.servers(), {client}, true);
    const LogIndex index = room.cell().index();
    lock::SetContentsRequest write;
    write.set_handle(file);
    write.set_contents(fmt::format("{}", generation + 1));
    write.set_if_generation(generation);
    const auto written = room.Begin(client, user::kSetContents, write);
    room.world().RunFor(stage.random().Between(50, 400) * kMillisecond);
    if (room.cell().index() > index) stage.Observe(kAnsweredAgain);
    room.CutWay(room.servers(), {client}, false);
    room.world().RunUntil([&] { return written->answer.has_value(); }, 10 * kSecond);
    stage.Require(kProgress, written->answer && written->answer->ok(), "A write is not answered.");
    stage.Require(
        kOnce,
        (*written->answer)->written() &&
            (*written->answer)->stat().content_generation() == generation + 1,
        fmt::format("Nobody else writes the file; the library has asked for a write that "
                    "wants generation {}, perhaps several times, and says that it was not "
                    "done, or done more than once.",
                    generation));
  }
  stage.Step(
      "A client writes a file, generation by generation. Each time it hears nothing for a "
      "while.");
}

/// The end of a session is not answered; when the next one has begun, it is ended, too, and its
/// master dies.
void EndTwo(LockRoom& room, NodeId client) {
  Stage& stage = room.stage();
  room.CutWay(room.servers(), {client}, true);
  const auto first = room.Begin(client, user::kEndSession, {});
  lock::OpenRequest open;
  open.set_path(LockRoom::Path("f"));
  const auto opened = room.Begin(client, user::kOpen, open);
  room.world().RunFor(stage.random().Between(50, 400) * kMillisecond);
  room.CutWay(room.servers(), {client}, false);
  room.world().RunUntil([&] { return opened->answer.has_value(); }, kPatience);
  if (!first->answer) stage.Observe(kTwoEnds);
  const NodeId master = room.AwaitLeader();
  room.world().Crash(master, false);
  const auto second = room.Begin(client, user::kEndSession, {});
  room.world().RunFor(kSecond);
  room.world().Boot(master);
  for (const auto& end : {first, second}) {
    room.world().RunUntil([&] { return end->answer.has_value(); }, kPatience);
    stage.Require(kProgress, end->answer && end->answer->ok(),
                  fmt::format("A user has ended two sessions, one after the other; the end of one "
                              "of them is answered: {}",
                              end->answer ? end->answer->status().ToString() : "never."));
  }
}

void PlayTwoEnds(Stage& stage) {
  LockRoom room(stage, {.clients = 1, .over_paxos = stage.random().Below(2) == 0});
  const NodeId client = LockRoom::Client(0);
  for (int round = 0; round < 4; ++round) {
    room.OpenFile(client, LockRoom::Path("f"));
    EndTwo(room, client);
  }
  stage.Step(
      "A client ends its session, hears nothing, begins another one, and ends that, too; meanwhile "
      "the master dies.");
}

}  // namespace

std::vector<Scenario> LibraryChoreographies() {
  return {
      {.lab = "lock_service",
       .part = "4B",
       .name = "LibraryAsksAgain",
       .story =
           "A client writes a file, generation by generation, while answers to it are lost; the "
           "library asks again.",
       .points = 1,
       .seeds = 20,
       .must_observe = {kAnsweredAgain},
       .play = PlayLibraryAsksAgain},
      {.lab = "lock_service",
       .part = "4B",
       .name = "TwoEnds",
       .story = "A client ends its session and hears nothing; it begins another one, and ends "
                "that, too, "
                "while the master dies. Each end is answered.",
       .points = 1,
       .seeds = 20,
       .must_observe = {kTwoEnds},
       .play = PlayTwoEnds},
  };
}

}  // namespace quorum::grader::locks
