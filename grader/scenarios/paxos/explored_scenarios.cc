// Parts 2A and 2B: small worlds, in which every order of events is tried.

#include <string_view>

#include "grader/explore/paxos/worlds.h"
#include "grader/explore/play_world.h"
#include "grader/scenarios/paxos/synod_room.h"

namespace quorum::grader::paxos {
namespace {

/// What must be over within seconds with any implementation. `./quorum explore` goes further.
void Explore(Stage& stage, std::string_view name, std::uint64_t states) {
  static const std::vector<explore::WorldSpec> worlds = explore::paxos::Worlds();
  explore::PlayWorld(stage, worlds, name, {.states = states, .walks = 3'000});
}

}  // namespace

std::vector<Scenario> ExploredScenarios() {
  return {
      {.lab = "paxos",
       .part = "2A",
       .name = "EveryOrder",
       .story =
           "Three nodes, of which two propose, each under one ballot. Messages arrive in every "
           "order that there is, up to three million states of this world.",
       .points = 2,
       .seeds = 1,
       .play = [](Stage& stage) { Explore(stage, "TwoProposers", 3'000'000); }},
      {.lab = "paxos",
       .part = "2A",
       .name = "EveryOrderOfRetries",
       .story = "The same, and timers fire twice: calls fail, and a proposer begins another ballot "
                "while the answers to the first one are still on their way.",
       .points = 1,
       .seeds = 2,
       .play = [](Stage& stage) { Explore(stage, "TwoProposersRetry", 100'000); }},
      {.lab = "paxos",
       .part = "2A",
       .name = "EveryOrderOfFour",
       .story = "Four nodes, of which two are half and no quorum; two propose. Messages arrive in "
                "every order, up to 100,000 states.",
       .points = 1,
       .seeds = 2,
       .play = [](Stage& stage) { Explore(stage, "FourNodes", 100'000); }},
      {.lab = "paxos",
       .part = "2A",
       .name = "EveryOrderAfterTwoValues",
       .story = "Two values have been accepted under different ballots, and a third node proposes. "
                "Messages arrive in every order, up to 100,000 states.",
       .points = 1,
       .seeds = 2,
       .play = [](Stage& stage) { Explore(stage, "TwoValuesTheOtherWay", 100'000); }},
      {.lab = "paxos",
       .part = "2B",
       .name = "EveryCrash",
       .story = "Three nodes, of which two propose, and one node dies at any point, also between "
                "two things that it sends or writes, and boots again on what its disk has kept.",
       .points = 2,
       .seeds = 2,
       .play = [](Stage& stage) { Explore(stage, "TwoProposersCrash", 200'000); }},
  };
}

}  // namespace quorum::grader::paxos
