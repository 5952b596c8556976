// Part 2D: nodes that lose power just when they have discarded what a snapshot covers.

#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/paxos/log_room.h"

namespace quorum::grader::paxos {
namespace {

constexpr char kDiedDiscarding[] = "a node lost power just when it had discarded entries";

constexpr sim::SimTime kDownFor = 30 * kMillisecond;

/// Takes the power of whoever has just discarded entries of its log, one node at a time.
class PowerCut final : public sim::Monitor {
 public:
  explicit PowerCut(Stage& stage) : stage_(stage) {}

  void OnDurable(NodeId node, const WriteBatch& batch) override {
    const auto discards = [](const WriteBatch::Change& change) {
      return !change.value && change.key.starts_with(quorum::paxos::kEntryPrefix);
    };
    if (down_ || std::none_of(batch.changes().begin(), batch.changes().end(), discards)) return;
    down_ = true;
    sim::World& world = stage_.world();
    world.At(world.now(), [this, node] {
      stage_.world().Crash(node, true);
      stage_.Observe(kDiedDiscarding);
    });
    world.At(world.now() + kDownFor, [this, node] {
      stage_.world().Boot(node);
      down_ = false;
    });
  }

 private:
  Stage& stage_;
  bool down_ = false;
};

void PlayDiedDiscarding(Stage& stage) {
  PowerCut cut(stage);
  LogRoom room(stage,
               {.nodes = static_cast<int>(stage.random().Between(3, 5)), .snapshot_every = 20});
  stage.world().Watch(cut);
  constexpr int kCommands = 150;
  for (int command = 0; command < kCommands; ++command) {
    room.PutAtLeader(fmt::format("command {}", command));
  }
  stage.Step(
      fmt::format("{} values are put, one after the other. Whenever entries are gone from a "
                  "node's disk, it loses power at that moment, and is back {} ms later.",
                  kCommands, kDownFor / kMillisecond));
  room.world().RunFor(2 * kDownFor);
  room.HealAndDemandProgress();
}

}  // namespace

std::vector<Scenario> PowerCutScenario() {
  return {
      {.lab = "paxos",
       .part = "2D",
       .name = "DiedDiscarding",
       .story = "Nodes lose power just when they have discarded entries. What those did is in the "
                "snapshot on the same disk.",
       .points = 1,
       .must_observe = {kDiedDiscarding},
       .play = PlayDiedDiscarding},
  };
}

}  // namespace quorum::grader::paxos
