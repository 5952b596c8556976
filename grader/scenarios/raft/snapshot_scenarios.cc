// Part 3D: a log that must not grow for ever, and servers that come late.

#include <algorithm>

#include "grader/scenarios/log/stories.h"
#include "grader/scenarios/raft/raft_room.h"

namespace quorum::grader::raft {
namespace {

using faults::Profile;

constexpr BoundStatements kBounds = {
    .entries = {"raft.bounded-log",
                "However many commands are executed, the entries on a server's disk stay bounded: "
                "what a snapshot covers is discarded.",
                "Raft, section 7; handout 3D, step 1"},
    .disk = {"raft.bounded-disk",
             "However many commands are executed, a server's disk stays bounded: one snapshot is "
             "kept, and what it does not cover.",
             "Raft, section 7; handout 3D, step 1"},
    .waiting =
        {"raft.bounded-waiting",
         "However many commands are executed, the calls that a server waits for and the timers "
         "that it has set stay bounded, also while another server does not answer.",
         "handout 3D, step 1"},
    .requests = {"raft.bounded-requests",
                 "However many commands are executed, what a server has asked and waits for stays "
                 "bounded in size: who has missed much is not sent all of it at each try.",
                 "handout 3D, step 1"},
    .heap = {"raft.bounded-heap",
             "However many commands are executed, a server's memory stays bounded: what a snapshot "
             "covers is discarded there, too.",
             "Raft, section 7; handout 3D, step 1"},
};

constexpr char kAllHadSnapshots[] = "all servers had snapshots when they lost power";

void PlayLateComer(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kSnapshotEvery});
  WatchBounds(stage, kBounds, quorum::raft::kEntryPrefix);
  TellLateComer(stage, room);
}

void PlayEndlessLoad(Stage& stage) {
  RaftRoom room(stage, {.nodes = 3, .snapshot_every = kSnapshotEvery});
  TellEndlessLoad(stage, room, WatchBounds(stage, kBounds, quorum::raft::kEntryPrefix));
}

/// Nobody remembers anything but what the disks have: snapshots, and what is behind them.
void PlayEverybodyRestarts(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = 10});
  room.AwaitLeader();
  room.StartClients(3, 40, 30 * kMillisecond);
  for (int time = 0; time < 3; ++time) {
    room.world().RunFor(stage.random().Between(300, 700) * kMillisecond);
    const bool snapshots = std::ranges::all_of(room.ledger().servers(), [](const auto& server) {
      return server.second.snapshot_index > 0;
    });
    if (snapshots) stage.Observe(kAllHadSnapshots);
    for (const auto& [node, machine] : room.world().machines()) room.world().Crash(node, true);
    room.world().RunFor(stage.random().Between(1, 100) * kMillisecond);
    for (const auto& [node, machine] : room.world().machines()) room.world().Boot(node);
  }
  stage.Step("Three times all servers lose power at once, and are back soon.");
  room.HealAndDemandProgress();
}

void PlaySnapshotsWithFaults(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = 20});
  room.AwaitLeader();
  room.StartClients(4, 25, 80 * kMillisecond);
  room.LetThingsGoWrongFor(2 * kSecond);
  room.HealAndDemandProgress();
}

}  // namespace

std::vector<Scenario> SnapshotScenarios() {
  return {
      {.lab = "raft",
       .part = "3D",
       .name = "LateComer",
       .story = "A server is down while so much is appended that the others have discarded what it "
                "misses. When it is back it needs a snapshot, which comes in pieces.",
       .points = 2,
       .must_observe = {kSnapshotSent},
       .play = PlayLateComer},
      {.lab = "raft",
       .part = "3D",
       .name = "EverybodyRestarts",
       .story = "All servers lose power at once, three times, and begin anew with their snapshots "
                "and what is behind them, while clients go on.",
       .points = 1,
       .must_observe = {kAllHadSnapshots},
       .play = PlayEverybodyRestarts},
      {.lab = "raft",
       .part = "3D",
       .name = "EndlessLoad",
       .story = "Far more commands are executed than anyone could keep, also while one server is "
                "stopped.",
       .points = 1,
       .seeds = 5,
       .play = PlayEndlessLoad},
      {.lab = "raft",
       .part = "3D",
       .name = "LogOnBadDisks",
       .story = "Disks are full, slow, or fail an fsync, and fewer than half of the servers lose "
                "their disks for good: those take no part any more.",
       .points = 2,
       .seeds = 200,
       .profile = Profile::kDisk,
       .must_observe = {kServerLostDisk},
       .play = PlaySnapshotsWithFaults},
      {.lab = "raft",
       .part = "3D",
       .name = "LogWhateverHappens",
       .story = "All faults of the machine room at once, while clients append, put and read.",
       .points = 2,
       .seeds = 200,
       .profile = Profile::kEverything,
       .must_observe = {kLeaderChanged, kServerLostDisk, kOverwritten},
       .play = PlaySnapshotsWithFaults},
  };
}

}  // namespace quorum::grader::raft
