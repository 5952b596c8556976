// Part 2D: nodes that come late, and a log that must not grow for ever.

#include "grader/scenarios/log/stories.h"
#include "grader/scenarios/paxos/log_room.h"

namespace quorum::grader::paxos {
namespace {

using namespace quorum::paxos;

constexpr Statement kBounded = {
    "paxos.bounded-log",
    "However many commands are executed, disk and memory of a node stay bounded: what a snapshot "
    "covers is discarded.",
    "Paxos Made Live, section 5.5; lab 2, part 2D"};

void PlayLateComer(Stage& stage) {
  LogRoom room(stage, {.nodes = static_cast<int>(stage.random().Between(3, 5)),
                       .snapshot_every = kSnapshotEvery});
  WatchBounds(stage, kBounded, kEntryPrefix);
  TellLateComer(stage, room);
}

void PlayEndlessLoad(Stage& stage) {
  LogRoom room(stage, {.nodes = 3, .snapshot_every = kSnapshotEvery});
  WatchBounds(stage, kBounded, kEntryPrefix);
  TellEndlessLoad(stage, room);
}

}  // namespace

std::vector<Scenario> CatchUpScenarios() {
  return {
      {.lab = "paxos",
       .part = "2D",
       .name = "LateComer",
       .story =
           "A node is down while so much is appended that the others have discarded what it "
           "misses. "
           "When it is back it needs a snapshot, which comes in pieces and may be replaced by a "
           "newer one on the way.",
       .points = 4,
       .seeds = 20,
       .must_observe = {kSnapshotSent},
       .play = PlayLateComer},
      {.lab = "paxos",
       .part = "2D",
       .name = "EndlessLoad",
       .story = "Far more commands are executed than anyone could keep, also while one node is "
                "stopped.",
       .points = 3,
       .seeds = 5,
       .play = PlayEndlessLoad},
  };
}

}  // namespace quorum::grader::paxos
