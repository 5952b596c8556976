// Servers and libraries of two implementations: each half of the one under test by itself.

#include "grader/scenarios/lock_service/crowd.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

constexpr int kClients = 3;

void Play(Stage& stage, bool reference_servers) {
  LockRoom::Options options = DrawOptions(stage, kClients);
  options.reference_servers = reference_servers;
  options.reference_clients = !reference_servers;
  LockRoom room(stage, options);
  const std::vector<NodeId> servers = room.servers();
  const std::vector<NodeId> clients = room.clients();
  const std::set<NodeId> at_servers(servers.begin(), servers.end());
  const std::set<NodeId> at_clients(clients.begin(), clients.end());
  stage.SetSides({.tested = reference_servers ? at_clients : at_servers,
                  .reference = reference_servers ? at_servers : at_clients});
  Crowd crowd(room, 100);
  LetThingsGoWrong(room, WithClients(room), 12 * kSecond);
  crowd.DemandDone();
  DemandLocks(room);
}

void PlayServers(Stage& stage) { Play(stage, /*reference_servers=*/false); }

void PlayLibraries(Stage& stage) { Play(stage, /*reference_servers=*/true); }

}  // namespace

std::vector<Scenario> MixedScenarios() {
  return {
      {.lab = "lock_service",
       .part = "4D",
       .name = "MixedServers",
       .story = "The servers under test with libraries of the reference, whose users read, write, "
                "lock and watch, while everything goes wrong that can.",
       .points = 1,
       .seeds = 50,
       .profile = faults::Profile::kEverything,
       .must_observe = {kJeopardy, kExpired},
       .play = PlayServers},
      {.lab = "lock_service",
       .part = "4D",
       .name = "MixedLibraries",
       .story = "The libraries under test with servers of the reference, whose users read, write, "
                "lock and watch, while everything goes wrong that can.",
       .points = 1,
       .seeds = 50,
       .profile = faults::Profile::kEverything,
       .must_observe = {kJeopardy, kExpired},
       .play = PlayLibraries},
  };
}

}  // namespace quorum::grader::locks
