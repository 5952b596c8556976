#include "grader/scenarios/log/stories.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorum::grader {
namespace {

/// Counts the messages between nodes.
class MessageCount final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view) override {
    if (message.from != message.to) ++sent;
  }
  std::uint64_t sent = 0;
};

}  // namespace

void TellCalm(Stage& stage, RegisterRoom& room, const Statement& budget) {
  MessageCount count;
  room.world().Watch(count);
  room.AwaitLeader();
  room.world().RunFor(kSecond);
  constexpr int kCommands = 100;
  const std::uint64_t before = count.sent;
  const sim::SimTime since = room.world().now();
  for (int command = 0; command < kCommands; ++command) {
    room.PutAtLeader(fmt::format("{}", command));
  }
  stage.Step(fmt::format("One client puts {} values, one after the other.", kCommands));
  const std::uint64_t used = count.sent - before;
  const auto followers = static_cast<std::uint64_t>(room.nodes() - 1);
  // A heartbeat and its answer every 20 ms is more than anyone needs.
  const auto periods =
      static_cast<std::uint64_t>((room.world().now() - since) / (20 * kMillisecond));
  const std::uint64_t allowed = 4 * followers * kCommands + 2 * followers * (periods + 1);
  stage.Require(budget, used <= allowed,
                fmt::format("{} nodes sent {} messages for {} commands in {} ms; {} are allowed, "
                            "heartbeats included.",
                            room.nodes(), used, kCommands,
                            (room.world().now() - since) / kMillisecond, allowed));
  room.StartClients(3, 20, 20 * kMillisecond);
  room.HealAndDemandProgress();
}

void TellChangingLeaders(Stage& stage, RegisterRoom& room) {
  room.AwaitLeader();
  room.StartClients(4, 150, 60 * kMillisecond);
  for (int change = 0; change < 8; ++change) {
    const NodeId leader = room.AwaitLeader();
    room.world().RunFor(stage.random().Between(100, 900) * kMillisecond);
    const bool dies = stage.random().Below(2) == 0;
    dies ? room.world().CrashBeforeEffect(leader,
                                          1 + static_cast<std::uint32_t>(stage.random().Below(8)))
         : room.CutOff(leader, true);
    stage.Step(fmt::format("Node {}, which leads, {}.", leader,
                           dies ? "dies in the middle of a handler" : "is cut off"));
    room.world().RunFor(stage.random().Between(300, 1200) * kMillisecond);
    if (!dies) room.CutOff(leader, false);
    room.world().CrashBeforeEffect(leader, 0);
    room.world().Boot(leader);
  }
  room.HealAndDemandProgress();
}

void TellDeposedProposer(Stage& stage, RegisterRoom& room) {
  const NodeId deposed = room.AwaitLeader();
  room.PutAtLeader("before");
  room.CutOff(deposed, true);
  const auto ignore = [](const absl::StatusOr<log::WriteResponse>&) {};
  for (int command = 0; command < 4; ++command) {
    room.Append(deposed, fmt::format("in vain {} ", command), ignore);
  }
  stage.Step(
      fmt::format("Node {} leads, is cut off, and is asked to append four values.", deposed));
  room.world().RunUntil([&] { return room.tap().leader() != deposed; }, 10 * kSecond);
  if (room.tap().leader() != deposed) stage.Observe(kDeposed);
  for (int command = 0; command < 4; ++command)
    room.PutAtLeader(fmt::format("instead {}", command));
  stage.Step(
      "The others find another leader, which has four other values put; then the network is "
      "whole again.");
  room.CutOff(deposed, false);
  room.HealAndDemandProgress();
  room.world().RunFor(kSecond);  // until the four have been told as well
}

void TellDeposedReader(Stage& stage, RegisterRoom& room) {
  const NodeId deposed = room.AwaitLeader();
  room.PutAtLeader("old");
  room.CutOff(deposed, true);
  stage.Step(fmt::format("Node {} leads and is cut off; a client goes on to read there.", deposed));
  bool written = false;
  for (int read = 0; read < 600; ++read) {
    room.world().At(room.world().now() + read * 5 * kMillisecond, [&] {
      if (written) stage.Observe(kReadAtDeposed);
      room.ReadAt(deposed);
    });
  }
  const sim::SimTime until = room.world().now() + 4 * kSecond;
  room.world().RunUntil([&] { return room.tap().leader() != deposed; }, 20 * kSecond);
  room.PutAtLeader("new");
  written = true;
  stage.Step("The others find another leader, and a client puts a new value there.");
  // Judged now and then, so that a diagram ends where an old value was read.
  while (room.world().now() < until) {
    room.world().RunFor(std::min<sim::SimTime>(40 * kMillisecond, until - room.world().now()));
    room.JudgeHistory();
  }
  room.CutOff(deposed, false);
  room.HealAndDemandProgress();
}

}  // namespace quorum::grader
