#include <fmt/format.h>

#include "grader/scenarios/log/stories.h"
#include "grader/scenarios/paxos/log_room.h"

namespace quorum::grader::paxos {
namespace {

using faults::Profile;

constexpr Statement kMessageBudget = {
    "paxos.message-budget",
    "While one node leads and nothing goes wrong, a command costs at most 4 (n - 1) messages "
    "besides heartbeats.",
    "Paxos Made Simple, section 3 (the cost of phase 2 is minimal); handout 2C, step 5"};

constexpr Statement kPhaseOneOnce = {"paxos.phase-one-once",
                                     "Phase 1 is done once a leadership, for all slots: while one "
                                     "node leads and nothing goes wrong, "
                                     "nobody asks for promises.",
                                     "Paxos Made Simple, section 3; handout 2C, step 3"};

/// Judges a calm run, once somebody has led for a while.
class PhaseOneOnce final : public Invariant {
 public:
  PhaseOneOnce(sim::World& world, const Tap& tap) : Invariant(world, kPhaseOneOnce), tap_(tap) {}

  void OnSend(const sim::Message& message, std::string_view path) override {
    if (tap_.leaderships() > 0 && since_ == 0) since_ = world().now();
    if (path != quorum::paxos::kPrepareLog.path || message.is_response) return;
    if (since_ == 0 || world().now() - since_ < kSecond) return;
    Violated(fmt::format("Node {} asks node {} for a promise, {} ms after somebody came to lead.",
                         message.from, message.to, (world().now() - since_) / kMillisecond),
             message.from);
  }

 private:
  const Tap& tap_;
  sim::SimTime since_ = 0;
};

int DrawReplicas(Stage& stage) { return static_cast<int>(stage.random().Between(3, 5)); }

void PlayCalm(Stage& stage) {
  LogRoom room(stage, {.nodes = DrawReplicas(stage)});
  stage.Watch<PhaseOneOnce>(room.tap());
  TellCalm(stage, room, kMessageBudget);
}

void PlayLogWithFaults(Stage& stage) {
  LogRoom room(stage, {.nodes = DrawReplicas(stage), .snapshot_every = 20});
  room.AwaitLeader();
  room.StartClients(4, 25, 80 * kMillisecond);
  room.LetThingsGoWrongFor(2 * kSecond);
  room.HealAndDemandProgress();
}

void PlayChangingLeaders(Stage& stage) {
  LogRoom room(stage, {.nodes = DrawReplicas(stage), .snapshot_every = 30});
  TellChangingLeaders(stage, room);
}

}  // namespace

std::vector<Scenario> LogScenarios() {
  return {
      {.lab = "paxos",
       .part = "2C",
       .name = "CalmLog",
       .story =
           "A network that works. One node comes to lead and stays; commands are put, and cost "
           "no more messages than phase 2 does.",
       .points = 2,
       .seeds = 20,
       .profile = Profile::kCalm,
       .play = PlayCalm},
      {.lab = "paxos",
       .part = "2C",
       .name = "LogUnderLoss",
       .story =
           "Clients append, put and read while the network drops, repeats, reorders and delays "
           "messages. Slots are decided out of order and applied in order.",
       .points = 2,
       .seeds = 200,
       .profile = Profile::kLossy,
       .must_observe = {kFetched},
       .play = PlayLogWithFaults},
      {.lab = "paxos",
       .part = "2C",
       .name = "LogOverCutLinks",
       .story =
           "Clients append, put and read while links are cut, one way or both, slow or flapping. "
           "A leader that is cut off must not answer for the others.",
       .points = 4,
       .seeds = 200,
       .profile = Profile::kPartitions,
       .must_observe = {kLeaderChanged, kUnknownOutcome, kInherited},
       .play = PlayLogWithFaults},
      {.lab = "paxos",
       .part = "2C",
       .name = "LogThroughCrashes",
       .story =
           "Nodes die, also in the middle of a handler, and come back with what their disks have "
           "kept, while clients append, put and read.",
       .points = 3,
       .seeds = 200,
       .profile = Profile::kCrashes,
       .must_observe = {kLeaderChanged, kLeaderDiedBusy, kInherited},
       .play = PlayLogWithFaults},
      {.lab = "paxos",
       .part = "2C",
       .name = "ChangingLeaders",
       .story =
           "A long run in which leader after leader is killed or cut off, while clients go on.",
       .points = 3,
       .seeds = 20,
       .profile = Profile::kCalm,
       .must_observe = {kLeaderChanged, kInherited, kUnknownOutcome},
       .play = PlayChangingLeaders},
      {.lab = "paxos",
       .part = "2D",
       .name = "LogOnBadDisks",
       .story =
           "Disks are full, slow, or fail an fsync, and fewer than half of the nodes lose their "
           "disks for good: those learn everything anew, and do not vote.",
       .points = 4,
       .seeds = 200,
       .profile = Profile::kDisk,
       .must_observe = {kNodeLostDisk, kFetched},
       .play = PlayLogWithFaults},
      {.lab = "paxos",
       .part = "2D",
       .name = "LogWhateverHappens",
       .story = "All faults of the machine room at once, while clients append, put and read.",
       .points = 3,
       .seeds = 200,
       .profile = Profile::kEverything,
       .must_observe = {kLeaderChanged, kNodeLostDisk, kFetched},
       .play = PlayLogWithFaults},
  };
}

}  // namespace quorum::grader::paxos
