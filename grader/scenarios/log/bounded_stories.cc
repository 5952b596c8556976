// Nodes that come late, and a log that must not grow for ever.

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "grader/scenarios/log/bounds.h"
#include "grader/scenarios/log/stories.h"

namespace quorum::grader {
namespace {

std::string LongValue(int number, std::size_t length) {
  std::string value = fmt::format("{}:", number);
  value.resize(std::max(value.size(), length), 'x');
  return value;
}

}  // namespace

void Load(RegisterRoom& room, int commands, std::size_t length, sim::SimTime pause) {
  for (int number = 0; number < commands; number += 10) {
    const NodeId leader = room.AwaitLeader();
    int answered = 0;
    for (int one = 0; one < 10; ++one) {
      room.Append(leader, LongValue(number + one, length),
                  [&answered](const absl::StatusOr<log::WriteResponse>&) { ++answered; });
    }
    room.world().RunUntil([&] { return answered == 10; }, 20'000 * kMillisecond);
    room.world().RunFor(pause);
  }
}

BoundedLog& WatchBounds(Stage& stage, const BoundStatements& statements,
                        std::string_view entry_prefix) {
  return stage.Watch<BoundedLog>(statements, entry_prefix);
}

void TellLateComer(Stage& stage, RegisterRoom& room) {
  const NodeId late = room.AwaitLeader() % static_cast<NodeId>(room.nodes()) + 1;
  room.PutAtLeader("before");
  room.world().Crash(late, true);
  stage.Step(fmt::format("Node {} loses power.", late));
  Load(room, static_cast<int>(stage.random().Between(100, 200)), 400);
  stage.Step("Much is appended meanwhile.");
  if (stage.random().Below(2) == 0) {
    faults::Link slow;
    slow.set_bytes_per_second(stage.random().Between(100'000, 1'000'000));
    for (const auto& [other, machine] : room.world().machines()) {
      if (other != late) room.world().network().SetLink(other, late, slow);
    }
    stage.Step("The links to it are slow from now on, so that snapshots change as they are sent.");
  }
  room.world().Boot(late);
  stage.Step("It is back, and the load goes on.");
  Load(room, 150, 400);
  for (const auto& [other, machine] : room.world().machines()) {
    room.world().network().SetLink(other, late, faults::Link());
  }
  room.HealAndDemandProgress();
}

void TellEndlessLoad(Stage& stage, RegisterRoom& room, BoundedLog& bounds) {
  const NodeId away = room.AwaitLeader() % 3 + 1;
  Load(room, 500, 4);
  room.world().Pause(away);
  stage.Step(fmt::format("Five hundred values are appended. Then node {} is stopped.", away));
  Load(room, 500, 4);
  room.world().Resume(away);
  stage.Step("Five hundred more are appended; then it goes on.");
  Load(room, 200, 4);
  room.CutOff(away, true);
  stage.Step("Then it is cut off.");
  // More than may be waited for at a time, and over such a time that no call should still wait.
  Load(room, 2'500, 4, 25 * kMillisecond);
  room.CutOff(away, false);
  stage.Step("2,500 more are appended; then it can be reached again.");
  Load(room, 200, 4);
  room.HealAndDemandProgress();
  stage.Step("All nodes end, one after the other, and what they had in memory is weighed.");
  bounds.EndAndWeigh();
}

}  // namespace quorum::grader
