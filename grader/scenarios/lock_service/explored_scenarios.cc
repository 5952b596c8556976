// Parts 4B and 4C: small worlds, in which every order of events is tried.

#include <string_view>

#include "grader/explore/lock_service/worlds.h"
#include "grader/explore/play_world.h"
#include "grader/scenarios/lock_service/stories.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::locks {
namespace {

/// What must be over within seconds with any implementation. `./quorum explore` goes further.
void Explore(Stage& stage, std::string_view name, std::uint64_t states) {
  static const std::vector<explore::WorldSpec> worlds = explore::locks::Worlds();
  explore::PlayWorld(stage, worlds, name, {.states = states, .walks = 1'000});
}

}  // namespace

std::vector<Scenario> ExploredScenarios() {
  return {
      {.lab = "lock_service",
       .part = "4B",
       .name = "EveryLease",
       .story = "Two clients want one lock. A lease ends, while a KeepAlive is perhaps on its way, "
                "and the lock is held or waited for. Messages arrive in every order, up to 10,000 "
                "states.",
       .points = 1,
       .seeds = 2,
       .play = [](Stage& stage) { Explore(stage, "TwoClientsLease", 10'000); }},
      {.lab = "lock_service",
       .part = "4C",
       .name = "EveryOrder",
       .story = "Two clients ask the master for one lock, one of them without waiting, and give it "
                "back. Messages arrive in every order that there is.",
       .points = 1,
       .seeds = 1,
       .play = [](Stage& stage) { Explore(stage, "TwoClientsOneLock", 100'000); }},
      {.lab = "lock_service",
       .part = "4C",
       .name = "EveryFailOver",
       .story =
           "The same, and another server becomes the master at any point. The old one may hear "
           "of it late, and clients ask again where they have no answer; up to 100,000 states.",
       .points = 1,
       .seeds = 2,
       .play = [](Stage& stage) { Explore(stage, "TwoClientsFailOver", 100'000); }},
  };
}

}  // namespace quorum::grader::locks
