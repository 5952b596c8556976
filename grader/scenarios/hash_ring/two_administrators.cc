#include "grader/scenarios/hash_ring/two_administrators.h"

#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/hash_ring/cache_scenarios.h"

namespace quorum::grader {
namespace {

using cache::CacheRoom;
using cache::Pending;
using cache::TwoRings;

constexpr char kBothAnswered[] = "both administrators were told that their ring is installed";
constexpr char kWriteIsGone[] = "an acknowledged write is gone";

bool Meets(const std::vector<NodeId>& replicas, const std::vector<NodeId>& side) {
  return std::any_of(replicas.begin(), replicas.end(), [&](NodeId node) {
    return std::find(side.begin(), side.end(), node) != side.end();
  });
}

/// A ring of the next epoch, asked for at `at`.
std::shared_ptr<const bool> AskFor(CacheRoom& room, NodeId at, const cache::Ring& ring) {
  auto answered = std::make_shared<bool>(false);
  hash_ring::InstallRingRequest request;
  *request.mutable_ring() = ring;
  room.world().Invoke<hash_ring::InstallRingRequest, hash_ring::InstallRingResponse>(
      at, hash_ring::kInstallRing, request,
      [answered](const absl::StatusOr<hash_ring::InstallRingResponse>& response) {
        *answered = response.ok() || !absl::IsUnavailable(response.status());
      });
  return answered;
}

void PlayTwoAdministrators(Stage& stage) {
  CacheRoom room(stage, {.nodes = 5, .clients = 3, .replicas = 2, .watched = false});
  const TwoRings outcome = cache::PlayTwoSides(
      room, {.west = {CacheRoom::kAdministrator}, .ask = [&](bool west, const cache::Ring& ring) {
               return AskFor(room, west ? CacheRoom::kAdministrator : room.client(2), ring);
             }});
  if (outcome.first_answered && outcome.second_answered) stage.Observe(kBothAnswered);
  if (outcome.gone.empty()) return;
  stage.Observe(kWriteIsGone);
  stage.Step(outcome.gone);
}

}  // namespace

cache::TwoRings cache::PlayTwoSides(CacheRoom& room, const Administration& administration) {
  Stage& stage = room.stage();
  const std::vector<NodeId> west = {1, 2};
  const std::vector<NodeId> east = {3, 4, 5};
  const std::string key = room.KeyWhere(
      [&](const auto& lists) { return Meets(lists[0], west) && Meets(lists[0], east); });
  stage.Step(fmt::format("The key \"{}\" has the value \"old;\".", key));
  room.Await(room.Put(room.client(0), key, "old;"), "A put");

  std::vector<NodeId> island = west;
  island.push_back(room.client(0));
  island.insert(island.end(), administration.west.begin(), administration.west.end());
  stage.Step(
      "The network falls into two: nodes 1 and 2 with a client and one administrator, nodes 3, "
      "4 and 5 with another client and another administrator.");
  room.Cut(island, room.AllBut(island));
  stage.Step(
      "Each administrator sees that the other nodes are dead, and installs a ring of epoch 2 "
      "with those that are not.");
  const auto first = administration.ask(true, room.NextRing(west));
  const auto second = administration.ask(false, room.NextRing(east));
  room.world().RunFor(2 * kSecond);

  stage.Step(fmt::format("The client of the west writes \"new;\" to \"{}\".", key));
  const Pending put = room.Put(room.client(0), key, "new;");
  room.RunUntil([&] { return put->done; }, 5 * kSecond);
  room.Mend(island, room.AllBut(island));
  administration.whole_again();
  stage.Step("The network is whole again. The client of the east reads the key.");
  room.world().RunFor(2 * kSecond);
  const auto settled = [&] { return *first && *second && put->done; };
  if (!settled()) room.RunUntil(settled, 20 * kSecond);
  TwoRings outcome{.first_answered = *first,
                   .second_answered = *second,
                   .write_acknowledged = put->done && put->status.ok(),
                   .gone = {}};
  const Pending get = room.Get(room.client(1), key);
  room.RunUntil([&] { return get->done; }, 5 * kSecond);
  if (outcome.write_acknowledged && get->done && get->value != "new;") {
    outcome.gone =
        fmt::format("The put of \"new;\" was acknowledged, and a later get returns \"{}\".",
                    get->value.value_or("nothing"));
  }
  return outcome;
}

std::vector<Scenario> TwoAdministratorsStory() {
  return {
      {.lab = "hash_ring",
       .part = "1F",
       .name = "TwoAdministrators",
       .story =
           "A demonstration, without points. There are two administrators, the network falls into "
           "two, and each of them installs a ring of epoch 2 with the nodes that it can see. Both "
           "are told that it is done, and a write that was acknowledged is gone. Who may decide "
           "on the next ring? Lab 2 is about that.",
       .points = 0,
       .seeds = 5,
       .must_observe = {kBothAnswered, kWriteIsGone},
       .play = PlayTwoAdministrators},
  };
}

}  // namespace quorum::grader
