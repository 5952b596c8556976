#include <fmt/format.h>

#include "grader/scenarios/paxos/synod_room.h"

namespace quorum::grader::paxos {
namespace {

using faults::Profile;

/// Three, four or five: an even cluster has two halves that are no quorum.
int DrawNodes(Stage& stage) { return static_cast<int>(stage.random().Between(3, 5)); }

void PlayOneProposer(Stage& stage) {
  SynodRoom room(stage, DrawNodes(stage));
  room.Propose(1, "the first value");
  stage.Step("A client proposes at node 1. Nobody else does.");
  room.DemandThatAllLearn();
  room.Propose(2, "too late");
  stage.Step("Then a client proposes something else at node 2.");
  room.HealAndDemandDecision();
}

/// Whoever could not be reached is told later.
void PlayLateLearner(Stage& stage) {
  const int nodes = DrawNodes(stage);
  SynodRoom room(stage, nodes);
  const auto late = static_cast<NodeId>(nodes);
  const auto cut = [&](bool cut_off) {
    for (NodeId other = 1; other < late; ++other) {
      for (const auto& [from, to] : {std::pair(late, other), std::pair(other, late)}) {
        cut_off ? stage.world().network().Cut(from, to) : stage.world().network().Mend(from, to);
      }
    }
  };
  cut(true);
  room.Propose(1, "decided without it");
  stage.Step(fmt::format("Node {} is cut off. A client proposes at node 1.", late));
  stage.world().RunFor(stage.random().Between(1, 4) * kSecond);
  cut(false);
  stage.Step("The network is whole again. Nobody proposes any more.");
  room.DemandThatAllLearn();
}

void PlayWithFaults(Stage& stage) {
  SynodRoom room(stage, DrawNodes(stage));
  room.EveryoneProposes(200 * kMillisecond);
  room.LetThingsGoWrongFor(300 * kMillisecond);
  room.HealAndDemandDecision();
}

void PlayDuel(Stage& stage) {
  const int nodes = DrawNodes(stage);
  SynodRoom room(stage, nodes);
  faults::Network network;
  const sim::SimTime delay = stage.random().Between(30, 60) * kMillisecond;
  network.set_min_delay_ns(delay);
  network.set_max_delay_ns(delay);
  stage.world().network().SetConditions(network);
  stage.Step(fmt::format("Every message takes {} ms, no more and no less.", delay / kMillisecond));
  for (int node = 1; node <= nodes; ++node) {
    room.Propose(static_cast<NodeId>(node), fmt::format("value-of-{}", node));
  }
  stage.Step("At every node a client proposes, all at the same instant.");
  room.HealAndDemandDecision();
}

}  // namespace

std::vector<Scenario> SynodScenarios() {
  return {
      {.lab = "paxos",
       .part = "2A",
       .name = "OneProposer",
       .story =
           "A network that works. A client proposes a value at one node; every node must learn "
           "it, and later proposals must find it decided.",
       .points = 3,
       .seeds = 20,
       .profile = Profile::kCalm,
       .play = PlayOneProposer},
      {.lab = "paxos",
       .part = "2A",
       .name = "LateLearner",
       .story = "One node is cut off while a value is decided. When it can be reached again "
                "somebody has to tell it, although nobody proposes any more.",
       .points = 1,
       .play = PlayLateLearner},
      {.lab = "paxos",
       .part = "2A",
       .name = "Duel",
       .story = "All nodes propose at the same instant, and all messages take equally long: every "
                "ballot spoils another one, until somebody waits long enough.",
       .points = 3,
       .seeds = 20,
       .profile = Profile::kCalm,
       .must_observe = {kSpoiled},
       .play = PlayDuel},
      {.lab = "paxos",
       .part = "2A",
       .name = "DecidedUnderLoss",
       .story =
           "Every node proposes, and the network drops, repeats, reorders and delays messages. "
           "One value must come out, and reach everyone.",
       .points = 3,
       .seeds = 400,
       .profile = Profile::kLossy,
       .must_observe = {kTookOver, kTwoValues},
       .play = PlayWithFaults},
      {.lab = "paxos",
       .part = "2A",
       .name = "DecidedOverCutLinks",
       .story =
           "Every node proposes while links are cut, one way or both, slow or flapping. No side "
           "of a partition may decide what the other side does not.",
       .points = 3,
       .seeds = 200,
       .profile = Profile::kPartitions,
       .must_observe = {kTookOver},
       .play = PlayWithFaults},
      {.lab = "paxos",
       .part = "2B",
       .name = "DecidedThroughCrashes",
       .story =
           "Every node proposes, and nodes die, also in the middle of a handler, and come back "
           "with what their disks have kept. What was promised stays promised.",
       .points = 4,
       .seeds = 200,
       .profile = Profile::kCrashes,
       .must_observe = {kDiedPromised, kDiedAccepted},
       .play = PlayWithFaults},
      {.lab = "paxos",
       .part = "2B",
       .name = "DecidedWhateverHappens",
       .story = "All faults of the machine room at once, and fewer than half of the nodes may lose "
                "their disks: such a node can only learn from then on.",
       .points = 4,
       .seeds = 200,
       .profile = Profile::kEverything,
       .must_observe = {kTookOver, kDiedPromised},
       .play = PlayWithFaults},
      {.lab = "paxos",
       .part = "2B",
       .name = "DecidedOnBadDisks",
       .story =
           "Disks are full, slow, or fail an fsync, nodes die, and fewer than half of the nodes "
           "lose their disks for good.",
       .points = 3,
       .seeds = 200,
       .profile = Profile::kDisk,
       .must_observe = {kLostDisk, kDiedPromised},
       .play = PlayWithFaults},
  };
}

}  // namespace quorum::grader::paxos
