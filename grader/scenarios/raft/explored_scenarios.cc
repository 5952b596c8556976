// Parts 3A to 3C: small worlds, in which every order of events is tried.

#include <string_view>

#include "grader/explore/play_world.h"
#include "grader/explore/raft/worlds.h"
#include "grader/scenarios/raft/raft_room.h"

namespace quorum::grader::raft {
namespace {

/// What must be over within seconds with any implementation. `./quorum explore` goes further.
void Explore(Stage& stage, std::string_view name, std::uint64_t states) {
  static const std::vector<explore::WorldSpec> worlds = explore::raft::Worlds();
  explore::PlayWorld(stage, worlds, name, {.states = states, .walks = 1'000});
}

}  // namespace

std::vector<Scenario> ExploredScenarios() {
  return {
      {.lab = "raft",
       .part = "3A",
       .name = "EveryElection",
       .story = "Three servers that have only just booted. Timers fire twice, so that two of them "
                "stand, or one asks again, and RequestVote arrives in every order.",
       .points = 1,
       .seeds = 1,
       .play = [](Stage& stage) { Explore(stage, "Election", 100'000); }},
      {.lab = "raft",
       .part = "3B",
       .name = "EveryOrderAfterFigure8",
       .story = "Figure 8 of the paper, from (b) on: an entry of term 1 is on two of five servers, "
                "another one of term 2 on one server, and who has made the first stands in term 3. "
                "From here on everything arrives in every order, up to 20,000 states.",
       .points = 1,
       .seeds = 2,
       .play = [](Stage& stage) { Explore(stage, "FigureEight", 20'000); }},
      {.lab = "raft",
       .part = "3C",
       .name = "EveryCrashInElections",
       .story = "Three servers, of which two stand or one asks again. One of them dies at any "
                "point, also between two things that it sends or writes, and boots again on what "
                "its disk has kept; up to 100,000 states.",
       .points = 1,
       .seeds = 2,
       .play = [](Stage& stage) { Explore(stage, "ElectionCrash", 100'000); }},
  };
}

}  // namespace quorum::grader::raft
