// Nodes that come late, and a log that must not grow for ever.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "grader/scenarios/log/stories.h"

namespace quorum::grader {
namespace {

constexpr sim::SimTime kMillisecond = 1'000'000;

/// Many times what a log needs that discards when it is told to.
constexpr std::size_t kMostEntries = 20 * kSnapshotEvery;
constexpr std::size_t kMostPending = 2'000;

/// Judges after each synced write how much a node keeps.
class BoundedLog final : public Invariant {
 public:
  BoundedLog(sim::World& world, const Statement& statement, std::string_view entry_prefix)
      : Invariant(world, statement), prefix_(entry_prefix) {}

  void OnDurable(NodeId node, const WriteBatch& batch) override {
    std::set<std::string>& entries = entries_[node];
    for (const WriteBatch::Change& change : batch.changes()) {
      if (!change.key.starts_with(prefix_)) continue;
      change.value ? void(entries.insert(change.key)) : void(entries.erase(change.key));
    }
    if (entries.size() > kMostEntries) {
      return Violated(
          fmt::format("Node {} has {} entries on its disk, and is handed a snapshot every "
                      "{} commands.",
                      node, entries.size(), kSnapshotEvery),
          node);
    }
    const sim::Machine& machine = *world().machines().at(node);
    if (machine.calls.used() > kMostPending || machine.timers.used() > kMostPending) {
      Violated(fmt::format("Node {} waits for {} answers and has {} timers set.", node,
                           machine.calls.used(), machine.timers.used()),
               node);
    }
  }
  void OnCrash(NodeId node, const sim::Disk& disk) override {
    std::set<std::string>& entries = entries_[node];
    entries.clear();
    for (const auto& [key, value] : disk.durable()) {
      if (key.starts_with(prefix_)) entries.insert(key);
    }
  }

 private:
  std::string prefix_;
  std::map<NodeId, std::set<std::string>> entries_;
};

std::string LongValue(int number, std::size_t length) {
  std::string value = fmt::format("{}:", number);
  value.resize(std::max(value.size(), length), 'x');
  return value;
}

}  // namespace

void Load(RegisterRoom& room, int commands, std::size_t length) {
  for (int number = 0; number < commands; number += 10) {
    const NodeId leader = room.AwaitLeader();
    int answered = 0;
    for (int one = 0; one < 10; ++one) {
      room.Append(leader, LongValue(number + one, length),
                  [&answered](const absl::StatusOr<log::WriteResponse>&) { ++answered; });
    }
    room.world().RunUntil([&] { return answered == 10; }, 20'000 * kMillisecond);
  }
}

void WatchBounds(Stage& stage, const Statement& statement, std::string_view entry_prefix) {
  stage.Watch<BoundedLog>(statement, entry_prefix);
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

void TellEndlessLoad(Stage& stage, RegisterRoom& room) {
  const NodeId cut = room.AwaitLeader() % 3 + 1;
  Load(room, 1'000, 4);
  room.world().Pause(cut);
  stage.Step(fmt::format("A thousand values are appended. Then node {} is stopped.", cut));
  Load(room, 500, 4);
  room.world().Resume(cut);
  stage.Step("Five hundred more are appended; then it goes on.");
  Load(room, 1'000, 4);
  room.HealAndDemandProgress();
}

}  // namespace quorum::grader
