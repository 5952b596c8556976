#include <fmt/format.h>

#include "grader/scenarios/paxos/log_room.h"

namespace quorum::grader::paxos {
namespace {

using faults::Profile;

constexpr sim::SimTime kMillisecond = 1'000'000;
constexpr sim::SimTime kSecond = 1'000 * kMillisecond;

constexpr Statement kMessageBudget = {
    "paxos.message-budget",
    "While one node leads and nothing goes wrong, a command costs at most 4 (n - 1) messages "
    "besides "
    "heartbeats: phase 1 was done once, for all slots.",
    "Paxos Made Simple, section 3 (the cost of phase 2 is minimal); lab 2, part 2C"};

int DrawNodes(Stage& stage) { return static_cast<int>(stage.random().Between(3, 5)); }

/// Counts the messages between nodes.
class MessageCount final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view) override {
    if (message.from != message.to) ++sent;
  }
  std::uint64_t sent = 0;
};

void PlayCalm(Stage& stage) {
  MessageCount count;
  LogRoom room(stage, {.nodes = DrawNodes(stage)});
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
  stage.Require(kMessageBudget, used <= allowed,
                fmt::format("{} nodes sent {} messages for {} commands in {} ms; {} are allowed, "
                            "heartbeats included.",
                            room.nodes(), used, kCommands,
                            (room.world().now() - since) / kMillisecond, allowed));
  room.StartClients(3, 20, 20 * kMillisecond);
  room.HealAndDemandProgress();
}

void PlayWithFaults(Stage& stage) {
  LogRoom room(stage, {.nodes = DrawNodes(stage), .snapshot_every = 20});
  room.AwaitLeader();
  room.StartClients(4, 25, 80 * kMillisecond);
  room.LetThingsGoWrongFor(2 * kSecond);
  room.HealAndDemandProgress();
}

/// Leader after leader is taken away, by death or by cutting it off.
void PlayChangingLeaders(Stage& stage) {
  LogRoom room(stage, {.nodes = DrawNodes(stage), .snapshot_every = 30});
  room.AwaitLeader();
  room.StartClients(4, 150, 60 * kMillisecond);
  for (int change = 0; change < 8; ++change) {
    const NodeId leader = room.AwaitLeader();
    room.world().RunFor(stage.random().Between(100, 900) * kMillisecond);
    const bool dies = stage.random().Below(2) == 0;
    const auto until = [&](bool begins) {
      for (int node = 1; node <= room.nodes(); ++node) {
        const auto other = static_cast<NodeId>(node);
        if (other == leader) continue;
        begins ? room.world().network().Cut(leader, other)
               : room.world().network().Mend(leader, other);
        begins ? room.world().network().Cut(other, leader)
               : room.world().network().Mend(other, leader);
      }
    };
    dies ? room.world().CrashBeforeEffect(leader,
                                          1 + static_cast<std::uint32_t>(stage.random().Below(8)))
         : until(true);
    stage.Step(fmt::format("Node {}, which leads, {}.", leader,
                           dies ? "dies in the middle of a handler" : "is cut off"));
    room.world().RunFor(stage.random().Between(300, 1200) * kMillisecond);
    if (!dies) until(false);
    room.world().CrashBeforeEffect(leader, 0);
    room.world().Boot(leader);
  }
  room.HealAndDemandProgress();
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
       .points = 4,
       .seeds = 20,
       .profile = Profile::kCalm,
       .play = PlayCalm},
      {.lab = "paxos",
       .part = "2C",
       .name = "LogUnderLoss",
       .story =
           "Clients append, put and read while the network drops, repeats, reorders and delays "
           "messages. Slots are decided out of order and applied in order.",
       .points = 4,
       .seeds = 200,
       .profile = Profile::kLossy,
       .must_observe = {kFetched},
       .play = PlayWithFaults},
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
       .play = PlayWithFaults},
      {.lab = "paxos",
       .part = "2C",
       .name = "LogThroughCrashes",
       .story =
           "Nodes die, also in the middle of a handler, and come back with what their disks have "
           "kept, while clients append, put and read.",
       .points = 4,
       .seeds = 200,
       .profile = Profile::kCrashes,
       .must_observe = {kLeaderChanged, kLeaderDiedBusy, kInherited},
       .play = PlayWithFaults},
      {.lab = "paxos",
       .part = "2C",
       .name = "ChangingLeaders",
       .story =
           "A long run in which leader after leader is killed or cut off, while clients go on.",
       .points = 4,
       .seeds = 20,
       .profile = Profile::kCalm,
       .must_observe = {kLeaderChanged, kLeaderDiedBusy, kInherited, kUnknownOutcome},
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
       .play = PlayWithFaults},
      {.lab = "paxos",
       .part = "2D",
       .name = "LogWhateverHappens",
       .story = "All faults of the machine room at once, while clients append, put and read.",
       .points = 4,
       .seeds = 200,
       .profile = Profile::kEverything,
       .must_observe = {kLeaderChanged, kNodeLostDisk, kFetched},
       .play = PlayWithFaults},
  };
}

}  // namespace quorum::grader::paxos
