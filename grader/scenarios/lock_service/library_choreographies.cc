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
  };
}

}  // namespace quorum::grader::locks
