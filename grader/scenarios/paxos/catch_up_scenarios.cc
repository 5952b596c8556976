// Part 2D: nodes that come late, and a log that must not grow for ever.

#include <fmt/format.h>

#include "grader/scenarios/log/stories.h"
#include "grader/scenarios/paxos/log_room.h"

namespace quorum::grader::paxos {
namespace {

using namespace quorum::paxos;

constexpr BoundStatements kBounds = {
    .entries = {"paxos.bounded-log",
                "However many commands are executed, the entries on a node's disk stay bounded: "
                "what a snapshot covers is discarded.",
                "Paxos Made Live, section 5.5; handout 2D, step 2"},
    .disk = {"paxos.bounded-disk",
             "However many commands are executed, a node's disk stays bounded: one snapshot is "
             "kept, and what it does not cover.",
             "Paxos Made Live, section 5.5; handout 2D, step 2"},
    .waiting =
        {"paxos.bounded-waiting",
         "However many commands are executed, the calls that a node waits for and the timers "
         "that it has set stay bounded, also while another node does not answer.",
         "handout 2D, step 2"},
    .requests = {"paxos.bounded-requests",
                 "However many commands are executed, what a node has asked and waits for stays "
                 "bounded in size: who has missed much is not sent all of it at each try.",
                 "handout 2D, step 2"},
    .heap = {"paxos.bounded-heap",
             "However many commands are executed, a node's memory stays bounded: what a snapshot "
             "covers is discarded there, too.",
             "Paxos Made Live, section 5.5; handout 2D, step 2"},
};

constexpr Statement kCatchesUp = {
    "paxos.catches-up",
    "A node that has missed decisions gets them from any node that has them, as long as a quorum "
    "runs.",
    "Paxos Made Live, section 5.4; handout 2D, steps 1 and 3"};

constexpr char kHelperDied[] = "the node that was asked for what was missed died";

void PlayLateComer(Stage& stage) {
  LogRoom room(stage, {.nodes = static_cast<int>(stage.random().Between(3, 5)),
                       .snapshot_every = kSnapshotEvery});
  WatchBounds(stage, kBounds, kEntryPrefix);
  TellLateComer(stage, room);
}

/// Waits for somebody to ask for what it has missed, and remembers whom.
class FetchWitness final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (path == kFetch.path && !message.is_response) helper = message.to;
  }
  NodeId helper = 0;
};

/// Whoever is asked for what was missed is gone for good; another node has it, too.
void PlayHelperDies(Stage& stage) {
  FetchWitness witness;
  LogRoom room(stage, {.nodes = static_cast<int>(stage.random().Between(3, 5)),
                       .snapshot_every = kSnapshotEvery});
  room.world().Watch(witness);
  const NodeId late = room.AwaitLeader() % static_cast<NodeId>(room.nodes()) + 1;
  room.world().Crash(late, true);
  Load(room, static_cast<int>(stage.random().Between(20, 100)), 40);
  stage.Step(fmt::format("Node {} is down while much is appended.", late));
  room.world().RunFor(200 * kMillisecond);
  const Slot missed = room.ledger().chosen_up_to();
  witness.helper = 0;
  room.world().Boot(late);
  room.world().RunUntil([&] { return witness.helper != 0; }, kPatience);
  if (witness.helper == 0) return;
  room.world().Crash(witness.helper, true);
  stage.Observe(kHelperDied);
  stage.Step(
      fmt::format("It is back, asks node {} for what it has missed, and that node loses "
                  "power for good.",
                  witness.helper));
  room.world().RunUntil([&] { return room.tap().applied(late) + 1 >= missed; }, kPatience);
  stage.Require(kCatchesUp, room.tap().applied(late) + 1 >= missed,
                fmt::format("20 simulated seconds later node {} has applied slots up to {}; those "
                            "up to {} were chosen while it was away.",
                            late, room.tap().applied(late), missed));
  room.HealAndDemandProgress();
}

void PlayEndlessLoad(Stage& stage) {
  LogRoom room(stage, {.nodes = 3, .snapshot_every = kSnapshotEvery});
  TellEndlessLoad(stage, room, WatchBounds(stage, kBounds, kEntryPrefix));
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
       .points = 3,
       .seeds = 20,
       .must_observe = {kSnapshotSent},
       .play = PlayLateComer},
      {.lab = "paxos",
       .part = "2D",
       .name = "HelperDies",
       .story = "A node is back after much was appended, and asks another one for it, which dies "
                "for good. A third one has it, too.",
       .points = 1,
       .must_observe = {kHelperDied},
       .play = PlayHelperDies},
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
