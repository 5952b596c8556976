#include "grader/scenarios/hash_ring/cache_transfer_scenarios.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "grader/scenarios/hash_ring/cache_room.h"

namespace quorum::grader::cache {
namespace {

constexpr char kReadMeanwhile[] = "a key was asked for while it was being handed over";
constexpr char kReceiverDied[] = "a new replica died with a copy in its hands";
constexpr char kTombstoneFirst[] = "a tombstone was there before the old copy of its key came";
constexpr char kNewWorld[] = "the new ring went on while the old primary was alone";
constexpr char kChain[] = "a key went through a ring whose hand-over never ended";
constexpr char kBehind[] = "a write of the new ring waited for a replica in the old one";
constexpr char kCameBack[] = "a key came back to a node in which it had an older value";
constexpr char kAskedElsewhere[] = "a write was asked for again after its key had moved";

std::vector<NodeId> Without(std::vector<NodeId> nodes, NodeId node) {
  std::erase(nodes, node);
  return nodes;
}

/// Makes the links from `from` to `to` slower by `delay`; 0 ends that.
void SlowDown(CacheRoom& room, const std::vector<NodeId>& from, NodeId to, sim::SimTime delay) {
  faults::Link link;
  link.set_extra_delay_ns(delay);
  for (const NodeId node : from) room.world().network().SetLink(node, to, link);
}

void PlaySlowTransfer(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .spares = 1, .clients = 2, .replicas = 2});
  const Ring next = room.NextRing({1, 2, 3, 4});
  const std::string key = room.KeyWhere([](const auto& lists) { return lists[1][0] == 4; }, &next);
  room.Await(room.Put(room.client(0), key, "a;"), "A put");
  stage.Step(
      fmt::format("What other nodes send to node 4, the new primary of \"{}\", takes 60 ms.", key));
  SlowDown(room, {1, 2, 3}, 4, 60 * kMillisecond);
  room.Install(next);
  for (int i = 0; i < 12; ++i) {
    room.world().RunFor(stage.random().Between(1, 30) * kMillisecond);
    (void)room.Get(room.client(static_cast<std::uint32_t>(i) % 2), key);
    if (!room.HandedOver()) stage.Observe(kReadMeanwhile);
  }
  const Pending append = room.Append(room.client(0), key, "b;");
  SlowDown(room, {1, 2, 3}, 4, 0);
  room.Await(append, "An append");
  room.DemandValue(room.client(1), key, "a;b;");
  room.HealAndJudge();
}

/// Lets `node` die with the first copy that is sent to it.
class DieWithACopy final : public sim::Monitor {
 public:
  DieWithACopy(CacheRoom& room, NodeId node, std::uint32_t effect)
      : room_(room), node_(node), effect_(effect) {}

  void OnDeliver(const sim::Message& message, std::string_view path) override {
    if (done_ || !message.is_response || message.to != node_ || !message.status.ok()) return;
    if (path != hash_ring::kCopyArcs.path) return;
    done_ = true;
    room_.world().CrashBeforeEffect(node_, effect_);
  }

 private:
  CacheRoom& room_;
  NodeId node_;
  std::uint32_t effect_;
  bool done_ = false;
};

void PlayReceiverDies(Stage& stage) {
  CacheRoom room(stage, {.nodes = 2, .spares = 2, .clients = 2, .replicas = 2});
  constexpr int kKeys = 8;
  for (int i = 0; i < kKeys; ++i) {
    room.Await(room.Put(room.client(0), fmt::format("key{}", i), fmt::format("{};", i)), "A put");
  }
  constexpr std::uint32_t kEffects[] = {2, 1, 2, 3};
  const std::uint32_t effect = kEffects[stage.plan().seed() % std::size(kEffects)];
  stage.Step(
      fmt::format("Node 3 is going to die with the first copy that it gets, just before its "
                  "send or write number {} from then on.",
                  effect));
  DieWithACopy trap(room, 3, effect);
  room.world().Watch(trap);
  room.Install(room.NextRing({3, 4}));
  if (room.RunUntil([&] { return !room.world().machine(3).up(); }, 2 * kSecond)) {
    stage.Observe(kReceiverDied);
  }
  room.world().RunFor(stage.random().Between(0, 300) * kMillisecond);
  room.Boot(3);
  room.DemandHandOver();
  for (int i = 0; i < kKeys; ++i) {
    room.DemandValue(4, fmt::format("key{}", i), fmt::format("{};", i));
  }
  room.HealAndJudge();
}

void PlayDeleteDuringHandOver(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .spares = 1, .clients = 2, .replicas = 2});
  const Ring next = room.NextRing({1, 2, 3, 4});
  // Its primary stays, and node 4 becomes its second replica.
  const std::string key = room.KeyWhere(
      [](const auto& lists) { return lists[0][0] == lists[1][0] && lists[1][1] == 4; }, &next);
  const std::vector<NodeId> old = room.facts().Replicas(1, key);
  room.Await(room.Put(room.client(0), key, "a;"), "A put");
  stage.Step(
      fmt::format("What nodes other than {}, the primary of \"{}\", send to node 4 takes 60 ms "
                  "more.",
                  old[0], key));
  SlowDown(room, Without({1, 2, 3}, old[0]), 4, 60 * kMillisecond);
  room.Install(next);
  const auto entered = [&] {
    return room.facts().DurableEpoch(old[0]) == 2 && room.facts().DurableEpoch(4) == 2;
  };
  room.RunUntil(entered, 2 * kSecond);
  room.world().RunFor(stage.random().Between(0, 40) * kMillisecond);
  const auto deleted = room.Await(room.Delete(room.client(0), key), "A delete");
  if (!room.HandedOver() && room.Holds(4, key, deleted.version)) stage.Observe(kTombstoneFirst);
  SlowDown(room, Without({1, 2, 3}, old[0]), 4, 0);
  room.DemandHandOver();
  stage.Step(fmt::format("Node {} leaves: node 4 becomes the primary of the deleted key.", old[0]));
  room.Install(room.NextRing(Without({1, 2, 3, 4}, old[0])));
  room.DemandHandOver();
  room.DemandValue(room.client(1), key, std::nullopt);
  room.HealAndJudge();
}

void PlayOldPrimaryAlone(Stage& stage) {
  CacheRoom room(stage, {.nodes = 4, .spares = 1, .clients = 2, .replicas = 2});
  const NodeId alone = 1 + static_cast<NodeId>(stage.random().Below(4));
  const Ring next = room.NextRing(Without({1, 2, 3, 4, 5}, alone));
  const std::string key =
      room.KeyWhere([&](const auto& lists) { return lists[0][0] == alone; }, &next);
  room.Await(room.Put(room.client(0), key, "a;"), "A put");
  const std::vector<NodeId> island = {alone, room.client(0)};
  stage.Step(
      fmt::format("Node {}, the primary of \"{}\", and the client {} are cut off from all "
                  "others.",
                  alone, key, room.client(0)));
  room.Cut(island, room.AllBut(island));
  room.Install(next);
  room.AwaitRing();
  room.Await(room.Put(room.client(1), key, "b;"), "A put in the new ring");
  stage.Observe(kNewWorld);
  stage.Step(
      "On the island the key is read and written. A get may return the old value; no write may "
      "be acknowledged.");
  const Pending get = room.Get(room.client(0), key);
  room.world().RunFor(300 * kMillisecond);
  const Pending append = room.Append(room.client(0), key, "c;");
  room.world().RunFor(stage.random().Between(100, 600) * kMillisecond);
  room.Mend(island, room.AllBut(island));
  stage.Step("The island is joined to the others again.");
  room.Await(get, "The get on the island");
  room.Await(append, "The append on the island");
  room.DemandValue(room.client(1), key, "b;c;");
  room.DemandValue(room.client(0), key, "b;c;");
  room.HealAndJudge();
}

void PlayEpochUponEpoch(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .spares = 2, .clients = 2, .replicas = 2});
  const Ring second = room.NextRing({3, 4});
  // In the second ring the key has node 3, which has not held it before, and node 4, which is dead.
  const std::string key =
      room.KeyWhere([](const auto& lists) { return !Lists(lists[0], 3); }, &second);
  room.Await(room.Put(room.client(0), key, "a;"), "A put");
  room.Crash(4);
  stage.Step("What nodes 1 and 2 send to node 3 takes 40 ms more.");
  SlowDown(room, {1, 2}, 3, 40 * kMillisecond);
  room.Install(second);
  room.AwaitRing();
  room.world().RunFor(stage.random().Between(0, 100) * kMillisecond);
  stage.Step("The hand-over waits for node 4. The administrator gives it up, for node 5.");
  room.Install(room.NextRing({3, 5}));
  room.AwaitRing();
  SlowDown(room, {1, 2}, 3, 0);
  room.Await(room.Append(room.client(1), key, "b;"), "An append");
  if (!room.world().machine(4).up()) stage.Observe(kChain);
  room.DemandValue(room.client(0), key, "a;b;");
  room.HealAndJudge();
}

void PlayBehindTheOthers(Stage& stage) {
  CacheRoom room(stage, {.nodes = 4, .spares = 1, .clients = 2, .replicas = 2});
  const NodeId behind = 1 + static_cast<NodeId>(stage.random().Below(4));
  const Ring next = room.NextRing({1, 2, 3, 4, 5});
  std::set<std::string> keys;
  while (keys.size() < 8) {
    keys.insert(room.KeyWhere(
        [&](const auto& lists) { return lists[0] == lists[1] && lists[0][1] == behind; }, &next,
        keys));
  }
  for (const std::string& key : keys) room.Await(room.Put(room.client(0), key, "a;"), "A put");
  stage.Step(
      fmt::format("Nobody can reach node {} while a ring is installed. For {} keys nothing "
                  "changes: it is their second replica, as before.",
                  behind, keys.size()));
  room.Cut({behind}, room.AllBut({behind}));
  room.Install(next);
  room.AwaitRing();
  std::vector<Pending> appends;
  for (const std::string& key : keys) appends.push_back(room.Append(room.client(0), key, "b;"));
  room.world().RunFor(stage.random().Between(20, 400) * kMillisecond);
  if (room.facts().DurableEpoch(behind) == 1 && !appends[0]->done) stage.Observe(kBehind);
  stage.Step("It can be reached again, and meets the new ring and records of it at once.");
  room.Mend({behind}, room.AllBut({behind}));
  for (const Pending& append : appends) room.Await(append, "An append that was waiting for it");
  for (const std::string& key : keys) room.DemandValue(room.client(1), key, "a;b;");
  room.HealAndJudge();
}

void PlayOutAndBackIn(Stage& stage) {
  CacheRoom room(stage,
                 {.nodes = 4, .spares = 1, .clients = 2, .replicas = 2, .points_per_unit = 16});
  const NodeId out = 1 + static_cast<NodeId>(stage.random().Below(4));
  std::vector<NodeId> others = Without({1, 2, 3, 4, 5}, out);
  const Ring second = room.NextRing(others);
  const std::string key = room.KeyWhere(
      [&](const auto& lists) { return lists[0][0] == out && !Lists(lists[1], 5); }, &second);
  room.Await(room.Put(room.client(0), key, "a;"), "A put");
  room.Crash(5);
  stage.Step(
      fmt::format("Node {}, the primary of \"{}\", leaves the ring; node 5 joins it, and is "
                  "dead, so that the hand-over does not end.",
                  out, key));
  room.Install(second);
  room.AwaitRing();
  const Operation put = room.Await(room.Append(room.client(1), key, "b;"), "An append meanwhile");
  stage.Step(
      fmt::format("Node {} comes back to the ring, instead of node 5. Of the key it has an old "
                  "value still.",
                  out));
  if (!room.Holds(out, key, put.version)) stage.Observe(kCameBack);
  room.Install(room.NextRing({1, 2, 3, 4}));
  room.AwaitRing();
  room.DemandValue(room.client(0), key, "a;b;");
  room.HealAndJudge();
}

void PlayRetryAcrossHandOver(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .spares = 2, .clients = 2, .replicas = 2});
  const Ring next = room.NextRing({3, 4, 5});
  const std::string key = room.KeyWhere(
      [](const auto& lists) { return !Lists(lists[0], 3) && lists[1][0] != 3; }, &next);
  const NodeId old = room.facts().Replicas(1, key)[0];
  const NodeId client = room.client(0);
  const Stamp before = room.Await(room.Put(client, key, "a;"), "A put").version;
  stage.Step(
      fmt::format("The client {} appends to \"{}\". It can reach the primary, node {}, and "
                  "nobody can reach the client.",
                  client, key, old));
  for (const NodeId node : room.AllBut({client})) room.world().network().Cut(node, client);
  const Pending append = room.Append(client, key, "b;");
  const auto replicas = room.facts().Replicas(1, key);
  const auto everywhere = [&] {
    return std::all_of(replicas.begin(), replicas.end(),
                       [&](NodeId node) { return room.facts().NewestEver(node, key) > before; });
  };
  if (room.RunUntil(everywhere, 2 * kSecond) && !append->done) stage.Observe(kAskedElsewhere);
  room.Install(next);
  room.DemandHandOver();
  stage.Step("The key has moved. The client can be reached again, and asks once more.");
  for (const NodeId node : room.AllBut({client})) room.world().network().Mend(node, client);
  room.Await(append, "The append");
  room.DemandValue(room.client(1), key, "a;b;");
  room.HealAndJudge();
}

}  // namespace

std::vector<Scenario> TransferStories() {
  return {
      {.lab = "hash_ring",
       .part = "1D",
       .name = "SlowTransfer",
       .story = "A key moves to a new primary over slow links. It is read all the time, and nobody "
                "may be told that it is not there.",
       .points = 2,
       .seeds = 20,
       .must_observe = {kReadMeanwhile},
       .play = PlaySlowTransfer},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "ReceiverDies",
       .story =
           "A new replica dies with a copy in its hands, each seed at another point, and comes "
           "back. What the old ones hold is all there is.",
       .points = 2,
       .seeds = 20,
       .must_observe = {kReceiverDied},
       .play = PlayReceiverDies},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "DeleteDuringHandOver",
       .story =
           "A key is deleted while an old copy of it is on its way to a new replica, which then "
           "becomes its primary.",
       .points = 2,
       .seeds = 20,
       .must_observe = {kTombstoneFirst},
       .play = PlayDeleteDuringHandOver},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "OldPrimaryAlone",
       .story =
           "A key's primary is alone with one client when the ring changes. On their island a get "
           "may miss what happens elsewhere, but nothing is acknowledged; and when they are back, "
           "nothing that was is gone.",
       .points = 2,
       .seeds = 20,
       .must_observe = {kNewWorld},
       .play = PlayOldPrimaryAlone},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "EpochUponEpoch",
       .story =
           "A hand-over waits for a node that never answers. The next ring does without it, and "
           "the keys go through the ring that was never complete.",
       .points = 1,
       .seeds = 20,
       .must_observe = {kChain},
       .play = PlayEpochUponEpoch},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "BehindTheOthers",
       .story =
           "A replica is out of reach while the ring changes, and then meets a record of the new "
           "ring, perhaps before it has heard of that ring.",
       .points = 1,
       .seeds = 20,
       .must_observe = {kBehind},
       .play = PlayBehindTheOthers},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "OutAndBackIn",
       .story =
           "A key's primary leaves the ring and comes back, all while one hand-over is under way. "
           "What it still has of the key is old.",
       .points = 1,
       .seeds = 20,
       .must_observe = {kCameBack},
       .play = PlayOutAndBackIn},
      {.lab = "hash_ring",
       .part = "1D",
       .name = "RetryAcrossHandOver",
       .story =
           "An append is executed, its answer gets lost, and its key moves to another primary. "
           "The client asks there: the append must not happen twice.",
       .points = 1,
       .seeds = 20,
       .must_observe = {kAskedElsewhere},
       .play = PlayRetryAcrossHandOver},
  };
}

}  // namespace quorum::grader::cache
