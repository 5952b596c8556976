// 1D: the ring changes.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "grader/scenarios/hash_ring/cache_room.h"
#include "grader/scenarios/hash_ring/cache_scenarios.h"
#include "grader/scenarios/hash_ring/cache_statements.h"
#include "grader/scenarios/hash_ring/cache_sweeps.h"
#include "grader/scenarios/hash_ring/cache_transfer_scenarios.h"

namespace quorum::grader {
namespace {

using cache::CacheRoom;
using cache::Pending;
constexpr char kStillInTheOldRing[] =
    "a node heard of the new ring before the one that is to copy from it did";

/// Writes some keys, and remembers what they should hold.
class Keys {
 public:
  Keys(CacheRoom& room, int count) : room_(room) {
    room_.stage().Step(
        fmt::format("A client writes {} keys, and deletes every fourth of them.", count));
    for (int i = 0; i < count; ++i) {
      const std::string key = name(i);
      const std::string value = fmt::format("{};", i);
      room_.Await(room_.Put(room_.client(0), key, value), "A put");
      values_[key] = value;
      if (i % 4 == 3) {
        room_.Await(room_.Delete(room_.client(0), key), "A delete");
        values_[key].reset();
      }
    }
  }
  std::string name(int i) const { return fmt::format("key{}-{}", room_.stage().plan().seed(), i); }
  /// Demands that all of them are as they were left.
  void Demand(NodeId at) const {
    room_.stage().Step("All keys are read: none is lost, none is back.");
    for (const auto& [key, value] : values_) room_.DemandValue(at, key, value);
  }

 private:
  CacheRoom& room_;
  std::map<std::string, std::optional<std::string>> values_;
};

void PlayLostData(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .clients = 1, .replicas = 2});
  const Keys keys(room, 8);
  const std::string key = keys.name(static_cast<int>(stage.random().Below(8)));
  const NodeId lost = room.facts().Replicas(1, key)[stage.random().Below(2)];
  room.Wipe(lost);
  const Pending get = room.Get(lost, key);
  room.RunUntil([&] { return get->done; }, 2 * kSecond);
  stage.Require(
      cache::kLostStaysOut, get->done && absl::IsFailedPrecondition(get->status),
      fmt::format("Node {} was asked for a key, and answered {}; FAILED_PRECONDITION is what "
                  "it has to say.",
                  lost, get->done ? get->status.ToString() : "nothing"));
  const Pending append = room.Append(room.client(0), key, "x;");
  room.world().RunFor(kSecond);
  stage.Step("It is switched off, and stays so. Whatever it has answered is what counts here.");
  room.world().Crash(lost, false);
}

void PlayFollowTheRing(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .spares = 1, .clients = 2, .replicas = 2});
  const cache::Ring next = room.NextRing({1, 2, 3, 4});
  const std::string key = room.KeyWhere([](const auto& lists) { return lists[1][0] == 4; }, &next);
  stage.Step(fmt::format(
      "Nothing is stored yet. The new ring's primary of the key \"{}\" is node 4.", key));
  room.Install(next);
  room.AwaitRing();
  stage.Step("The clients know the old ring only. They write and read that key.");
  room.Await(room.Put(room.client(0), key, "a;"), "A put");
  room.Await(room.Append(room.client(1), key, "b;"), "An append");
  room.DemandValue(room.client(0), key, "a;b;");
  stage.Step("The administrator asks for the same ring again, and then for another one.");
  room.Install(next);
  room.AwaitRing();
  room.Install(room.NextRing({2, 3, 4}));
  room.AwaitRing();
  stage.Step("Nobody hears of the ring after that, and the administrator's machine fails.");
  const std::vector<NodeId> administrator = {CacheRoom::kAdministrator};
  room.Cut(administrator, room.AllBut(administrator));
  room.Install(room.NextRing({1, 2, 3}));
  room.world().RunFor(200 * kMillisecond);
  room.Crash(administrator[0]);
  room.Boot(administrator[0]);
  room.Mend(administrator, room.AllBut(administrator));
  room.Install(room.NextRing({1, 3, 4}));
  room.AwaitRing();
  room.world().RunFor(300 * kMillisecond);
  stage.Step("A late copy of the request for the first of these rings comes to each node.");
  hash_ring::InstallRingRequest late;
  *late.mutable_ring() = next;
  for (const NodeId node : room.servers()) {
    room.world().Invoke<hash_ring::InstallRingRequest, hash_ring::InstallRingResponse>(
        node, hash_ring::kInstallRing, late, [](const auto&) {});
  }
  room.world().RunFor(100 * kMillisecond);
  room.HealAndJudge(true);
}

void PlayRingGrows(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .spares = 1, .clients = 2, .replicas = 2});
  const Keys keys(room, 12);
  stage.Step("It also writes the key \"\": any text is a key.");
  room.Await(room.Put(room.client(0), "", "e;"), "A put");
  room.Install(room.NextRing({1, 2, 3, 4}));
  room.AwaitRing();
  keys.Demand(room.client(1));
  room.DemandValue(room.client(1), "", "e;");
  room.HealAndJudge(true);
}

void PlayEveryNodeReplaced(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .spares = 3, .clients = 2, .replicas = 2});
  const Keys keys(room, 12);
  room.Install(room.NextRing({4, 5, 6}));
  room.DemandHandOver();
  stage.Step("The old nodes are switched off. Everything is on the new ones.");
  for (const NodeId old : {1, 2, 3}) room.Crash(old);
  keys.Demand(4);
  room.HealAndJudge();
}

void PlayRestart(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .spares = 1, .clients = 2, .replicas = 1});
  const NodeId old = 1 + static_cast<NodeId>(stage.random().Below(3));
  std::vector<NodeId> others = {1, 2, 3, 4};
  std::erase(others, old);
  const cache::Ring next = room.NextRing(others);
  const std::string key =
      room.KeyWhere([&](const auto& lists) { return lists[0][0] == old; }, &next);
  room.Await(room.Put(room.client(0), key, "a;"), "A put");
  room.Install(next);
  room.RunUntil([&] { return room.facts().DurableEpoch(old) == 2; }, 20 * kSecond);
  stage.Step(
      fmt::format("Node {}, until now the primary of \"{}\", has entered the new ring. It is "
                  "cut off from all but the client {}, which knows the old ring only.",
                  old, key, room.client(0)));
  const std::vector<NodeId> island = {old, room.client(0)};
  room.Cut(island, room.AllBut(island));
  room.Crash(old);
  room.Boot(old);
  const Pending get = room.Get(room.client(0), key);
  room.world().RunFor(stage.random().Between(50, 500) * kMillisecond);
  room.Mend(island, room.AllBut(island));
  stage.Step("The island is joined to the others again.");
  room.Await(get, "The get on the island");
  room.Await(room.Append(room.client(0), key, "b;"), "An append");
  room.DemandValue(room.client(1), key, "a;b;");
  room.HealAndJudge();
}

void PlayLateAnswer(Stage& stage) {
  CacheRoom room(stage, {.nodes = 2, .clients = 2, .replicas = 1});
  const NodeId stays = 1 + static_cast<NodeId>(stage.random().Below(2));
  const NodeId leaves = 3 - stays;
  const Keys keys(room, 8);
  stage.Step(
      fmt::format("What node {} sends to node {} takes 90 ms more. For a while nothing happens but "
                  "that they ask each other for news.",
                  stays, leaves));
  faults::Link slow;
  slow.set_extra_delay_ns(90 * kMillisecond);
  room.world().network().SetLink(stays, leaves, slow);
  room.world().RunFor(stage.random().Between(200, 400) * kMillisecond);
  // Of the new ring it is the one that leaves who hears first.
  room.Cut({CacheRoom::kAdministrator}, {stays});
  room.Install(room.NextRing({stays}));
  const auto entered = [&] { return room.facts().DurableEpoch(leaves) == 2; };
  room.RunUntil(entered, 2 * kSecond);
  if (room.facts().DurableEpoch(stays) == 1) stage.Observe(kStillInTheOldRing);
  room.DemandHandOver();
  keys.Demand(stays);
  room.HealAndJudge();
}

void PlayArcAcrossZero(Stage& stage) {
  CacheRoom room(stage,
                 {.nodes = 3, .spares = 1, .clients = 2, .replicas = 1, .points_per_unit = 1});
  stage.Step("Each node has one point on the circle, so that one arc of three goes across 0.");
  const Keys keys(room, 24);
  std::vector<NodeId> on = {1, 2, 3, 4};
  for (int change = 0; change < 4; ++change) {
    room.Install(room.NextRing(on));
    room.DemandHandOver();
    keys.Demand(room.client(1));
    if (on.size() == 4) {
      std::erase(on, room.facts().OwnerAcrossZero(room.ring().epoch()));
      stage.Step("The node that owns the arc across 0 leaves.");
    } else {
      on = {1, 2, 3, 4};
      stage.Step("It comes back.");
    }
  }
  room.HealAndJudge();
}

std::vector<Scenario> HandOverStories() {
  return {
      {.lab = "hash_ring",
       .part = "1D",
       .name = "LostDataStaysOut",
       .story =
           "A node loses its disk, and comes back under its old id. It has acknowledged what it "
           "can no longer show: it must not answer anybody.",
       .points = 2,
       .seeds = 20,
       .play = PlayLostData},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "FollowTheRing",
       .story =
           "The administrator installs a new ring before anything is stored. The nodes tell each "
           "other; clients that know the old ring only are refused, and follow. Of a later ring "
           "nobody hears; the one after it is installed all the same.",
       .points = 3,
       .seeds = 20,
       .play = PlayFollowTheRing},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "RingGrows",
       .story = "Keys are written and deleted, a node joins, and all keys are as they were.",
       .points = 3,
       .seeds = 20,
       .play = PlayRingGrows},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "EveryNodeReplaced",
       .story =
           "A ring of three nodes is replaced by a ring of three others. When the hand-over is "
           "over, the old nodes are switched off.",
       .points = 1,
       .seeds = 20,
       .play = PlayEveryNodeReplaced},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "RestartInTheNewRing",
       .story =
           "A node enters a new ring, dies, and comes back alone with a client that knows the old "
           "ring only. It must remember that it is not a primary any more.",
       .points = 1,
       .seeds = 20,
       .play = PlayRestart},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "LateAnswer",
       .story = "One of two nodes leaves the ring. The other one's links are slow: when the first "
                "enters "
                "the new ring, an answer may be on its way to it that was given in the old one.",
       .points = 1,
       .seeds = 20,
       .must_observe = {kStillInTheOldRing},
       .play = PlayLateAnswer},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "ArcAcrossZero",
       .story =
           "Every node has a single point. The node whose arc goes across 0 leaves, comes back, "
           "and leaves again.",
       .points = 1,
       .seeds = 20,
       .play = PlayArcAcrossZero},
  };
}

}  // namespace

std::vector<Scenario> HandOverScenarios() {
  std::vector<Scenario> all = HandOverStories();
  for (const auto& list :
       {cache::TransferStories(), {cache::TakingTurns()}, cache::HandOverSweeps()}) {
    all.insert(all.end(), list.begin(), list.end());
  }
  return all;
}

}  // namespace quorum::grader
