// Part 4E: the ring of lab 1 follows who is announced.

#include "grader/scenarios/lock_service/administration.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

void PlayRing(Stage& stage) {
  LockRoom room(stage, {});
  Administration administration(room);
  AddRingNodes(room, {kKeeper});
  for (const NodeId number : {1, 2, 3, 4}) Announce(room, number);
  stage.Step("Four nodes of a cache announce themselves; three were on the ring.");
  administration.Await({1, 2, 3, 4});
  room.world().Crash(kAnnouncers + 2, false);
  stage.Step("Node 402 dies.");
  administration.Await({1, 3, 4});
  administration.AddByHand(kCacheNodes + 5);
  stage.Step("An operator adds node 405, which announces nothing.");
  room.CutOff(kAnnouncers + 1, true);
  room.CutOff(kAnnouncers + 3, true);
  const NodeId master = room.AwaitLeader();
  room.CutOff(master, true);
  stage.Step("Nodes 401 and 403 are cut off, and so is the master of the cell.");
  administration.Await({4, 5});
  room.CutOff(master, false);
  room.CutOff(kAnnouncers + 1, false);
  room.CutOff(kAnnouncers + 3, false);
  stage.Step("All that was cut off is back.");
  administration.Await({1, 3, 4, 5});
}

}  // namespace

std::vector<Scenario> RingScenarios() {
  return {
      ClientsFollowTheRing(),
      {.lab = "lock_service",
       .part = "4E",
       .name = "RingFollows",
       .story = "Nodes of a cache announce themselves by ephemeral files, die, and are cut off "
                "and come back, while the cell's master fails and an operator changes the ring, "
                "too. The ring that the administrators are asked for follows.",
       .points = 5,
       .seeds = 20,
       .bonus = true,
       .play = PlayRing}};
}

}  // namespace quorum::grader::locks
