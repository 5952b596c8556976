// 1C: a cache whose ring does not change.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "grader/scenarios/hash_ring/cache_room.h"
#include "grader/scenarios/hash_ring/cache_scenarios.h"
#include "grader/scenarios/hash_ring/cache_sweeps.h"

namespace quorum::grader {
namespace {

using cache::CacheRoom;
using cache::Pending;
using cache::Stamp;
using faults::Profile;

constexpr char kBlocked[] = "a write waited for a replica that nobody could reach";
constexpr char kOldOneCame[] = "an old record came to a replica that held a newer one";
constexpr char kLateRequest[] = "a request came late, after a newer one of its client";
constexpr char kAskedAgain[] = "a write that all replicas held was asked for once more";
constexpr char kHalfWay[] = "a primary died between two effects of a write";

/// Any key, another one for each seed.
std::string SomeKey(Stage& stage) { return fmt::format("key{}", stage.random().Below(1'000)); }

void PlayOneCopy(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .clients = 2, .replicas = 1});
  for (int i = 0; i < 4; ++i) {
    const std::string key = SomeKey(stage) + fmt::format("-{}", i);
    stage.Step(fmt::format(
        "A key that was never written, \"{}\", is read; then it is written, read, "
        "appended to, read, deleted, read, and the same once more, with an empty value.",
        key));
    room.DemandValue(room.client(0), key, std::nullopt);
    room.Await(room.Put(room.client(0), key, "a;"), "A put");
    room.DemandValue(room.client(1), key, "a;");
    room.Await(room.Append(room.client(1), key, "b;"), "An append");
    room.DemandValue(room.client(0), key, "a;b;");
    room.Await(room.Delete(room.client(1), key), "A delete");
    room.DemandValue(room.client(0), key, std::nullopt);
    room.Await(room.Append(room.client(1), key, "c;"), "An append to a deleted key");
    room.DemandValue(room.client(0), key, "c;");
    room.Await(room.Put(room.client(0), key, ""), "A put of an empty value");
    room.DemandValue(room.client(1), key, "");
  }
  const std::string key = SomeKey(stage);
  stage.Step("Every node is asked for the same key: also those that do not hold it answer.");
  room.Await(room.Append(room.client(0), key, "x;"), "An append");
  for (const NodeId node : room.servers()) room.DemandValue(node, key, "x;");
  room.HealAndJudge(true);
}

void PlayEveryReplica(Stage& stage) {
  CacheRoom room(stage, {.nodes = 5, .clients = 3, .replicas = 3});
  const std::string key = SomeKey(stage);
  stage.Step(
      fmt::format("Three clients put, append to, and delete the key \"{}\" at once, and read "
                  "it meanwhile.",
                  key));
  for (int round = 0; round < 4; ++round) {
    std::vector<Pending> operations;
    for (std::uint32_t client = 0; client < 3; ++client) {
      const NodeId at = room.client(client);
      const std::string value = fmt::format("{}{};", round, static_cast<char>('a' + client));
      operations.push_back(client == 2 && round % 2 == 0 ? room.Delete(at, key)
                           : client == 1                 ? room.Put(at, key, value)
                                                         : room.Append(at, key, value));
      operations.push_back(room.Get(room.client((client + 1) % 3), key));
    }
    for (const Pending& operation : operations) room.Await(operation, "An operation");
  }
  room.HealAndJudge(true);
}

void PlayUnreachable(Stage& stage) {
  CacheRoom room(stage, {.nodes = 5, .clients = 2, .replicas = 3});
  const NodeId lonely = 1 + static_cast<NodeId>(stage.random().Below(5));
  const auto lists = [&](const std::vector<NodeId>& replicas, NodeId node) {
    return std::find(replicas.begin(), replicas.end(), node) != replicas.end();
  };
  const std::string blocked = room.KeyWhere(
      [&](const auto& rings) { return lists(rings[0], lonely) && rings[0][0] != lonely; });
  const std::string free =
      room.KeyWhere([&](const auto& rings) { return !lists(rings[0], lonely); });
  room.Await(room.Put(room.client(0), blocked, "old;"), "A put");
  stage.Step(
      fmt::format("Nobody can reach node {}. It holds the key \"{}\", and not the key \"{}\".",
                  lonely, blocked, free));
  room.Cut({lonely}, room.AllBut({lonely}));
  const Pending waiting = room.Put(room.client(0), blocked, "new;");
  const Pending going = room.Put(room.client(1), free, "x;");
  room.Await(going, "A put of a key whose replicas are all there");
  room.world().RunFor(kSecond);
  if (!waiting->done) stage.Observe(kBlocked);
  stage.Step(fmt::format("Node {} can be reached again.", lonely));
  room.Mend({lonely}, room.AllBut({lonely}));
  room.Await(waiting, "The put that was waiting for it");
  room.DemandValue(room.client(1), blocked, "new;");
  room.HealAndJudge(true);
}

void PlayLateRecord(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .clients = 1, .replicas = 3});
  const std::string key = SomeKey(stage);
  const std::vector<NodeId> replicas = room.facts().Replicas(1, key);
  const NodeId primary = replicas[0];
  const NodeId late = replicas[1 + stage.random().Below(2)];
  stage.Step(fmt::format("The link {} -> {} is slow: what is sent now arrives 700 ms later.",
                         primary, late));
  faults::Link slow;
  slow.set_extra_delay_ns(700 * kMillisecond);
  room.world().network().SetLink(primary, late, slow);
  const Pending first = room.Put(room.client(0), key, "first;");
  room.world().RunFor(20 * kMillisecond);
  stage.Step("The link is fast again. The record is sent once more, and a second one after it.");
  room.world().network().SetLink(primary, late, faults::Link());
  room.Await(first, "The first put");
  const cache::Operation second =
      room.Await(room.Put(room.client(0), key, "second;"), "The second put");
  const bool before = room.world().now() < 700 * kMillisecond;
  stage.Step("Now the first sending of the first record arrives.");
  room.world().RunFor(kSecond);
  if (before && room.Holds(late, key, second.version)) stage.Observe(kOldOneCame);
  room.DemandValue(room.client(0), key, "second;");
  room.HealAndJudge(true);
}

void PlayLateRequest(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .clients = 2, .replicas = 2});
  const std::string key = SomeKey(stage);
  const NodeId primary = room.facts().Replicas(1, key)[0];
  const NodeId client = room.client(0);
  stage.Step(fmt::format("The link {} -> {} is slow: what is sent now arrives 700 ms later.",
                         client, primary));
  faults::Link slow;
  slow.set_extra_delay_ns(700 * kMillisecond);
  room.world().network().SetLink(client, primary, slow);
  const Pending first = room.Append(client, key, "a;");
  room.world().RunFor(20 * kMillisecond);
  stage.Step("The link is fast again. The client asks once more, is answered, and appends more.");
  room.world().network().SetLink(client, primary, faults::Link());
  room.Await(first, "The first append");
  room.Await(room.Append(client, key, "b;"), "The second append");
  if (room.world().now() < 700 * kMillisecond) stage.Observe(kLateRequest);
  stage.Step("Now the first sending of the first request arrives.");
  room.world().RunFor(kSecond);
  room.DemandValue(room.client(1), key, "a;b;");
  room.HealAndJudge(true);
}

/// An append is executed, and its answer is lost. In every other run the primary dies as well.
void PlayLostAnswer(Stage& stage) {
  CacheRoom room(stage, {.nodes = 4, .clients = 2, .replicas = 2});
  const std::string key = SomeKey(stage);
  const NodeId primary = room.facts().Replicas(1, key)[0];
  const NodeId client = room.client(0);
  const Stamp before = room.Await(room.Put(client, key, "a;"), "A put").version;
  stage.Step(
      fmt::format("What node {} sends to the client {} is lost from now on.", primary, client));
  room.world().network().Cut(primary, client);
  const Pending append = room.Append(client, key, "b;");
  const auto everywhere = [&] {
    const std::vector<NodeId> replicas = room.facts().Replicas(1, key);
    return std::all_of(replicas.begin(), replicas.end(),
                       [&](NodeId node) { return room.facts().NewestEver(node, key) > before; });
  };
  if (room.RunUntil(everywhere, 2 * kSecond) && !append->done) stage.Observe(kAskedAgain);
  room.world().RunFor(stage.random().Between(0, 300) * kMillisecond);
  if (stage.plan().seed() % 2 == 0) {
    room.Crash(primary);
    room.Boot(primary);
  }
  stage.Step("The client's link works again: it asks once more.");
  room.world().network().Mend(primary, client);
  room.Await(append, "An append");
  room.DemandValue(room.client(1), key, "a;b;");
  room.HealAndJudge(true);
}

void PlayHalfWay(Stage& stage) {
  CacheRoom room(stage, {.nodes = 4, .clients = 2, .replicas = 3});
  const std::string key = SomeKey(stage);
  const NodeId primary = room.facts().Replicas(1, key)[0];
  room.Await(room.Append(room.client(0), key, "a;"), "An append");
  const auto effect = static_cast<std::uint32_t>(1 + stage.plan().seed() % 6);
  stage.Step(
      fmt::format("Node {}, the primary of \"{}\", is going to die just before its send or "
                  "write number {}.",
                  primary, key, effect));
  room.world().CrashBeforeEffect(primary, effect);
  const Pending append = room.Append(room.client(0), key, "b;");
  const Pending get = room.Get(room.client(1), key);
  if (room.RunUntil([&] { return !room.world().machine(primary).up(); }, kSecond)) {
    stage.Observe(kHalfWay);
  }
  room.world().RunFor(stage.random().Between(0, 200) * kMillisecond);
  room.Boot(primary);
  room.Await(append, "The append that was cut short");
  room.Await(get, "A get meanwhile");
  room.DemandValue(room.client(1), key, "a;b;");
  room.HealAndJudge(true);
}

void PlayClientReturns(Stage& stage) {
  CacheRoom room(stage, {.nodes = 3, .clients = 2, .replicas = 2});
  const std::string key = SomeKey(stage);
  const NodeId client = room.client(0);
  room.Await(room.Append(client, key, "a;"), "An append");
  stage.Step("A client dies while it appends.");
  (void)room.Append(client, key, "b;");
  room.world().RunFor(stage.random().Between(0, 6'000) * (kMillisecond / 1'000));
  room.Crash(client);
  room.Boot(client);
  stage.Step("In its next life it appends something else. That is not the same request.");
  room.Await(room.Append(client, key, "c;"), "An append of the client's second life");
  room.Await(room.Append(client, key, "d;"), "Another one");
  room.Await(room.Get(room.client(1), key), "A get");
  room.HealAndJudge(true);
}

std::vector<Scenario> Stories() {
  return {
      {.lab = "hash_ring",
       .part = "1C",
       .name = "OneCopyEach",
       .story =
           "A ring of three nodes keeps one copy of each key, on a network that works. Clients "
           "put, append, delete and get; any node may be asked for any key.",
       .points = 3,
       .seeds = 20,
       .play = PlayOneCopy},
      {.lab = "hash_ring",
       .part = "1C",
       .name = "EveryReplicaHolds",
       .story = "Every key has three replicas. Three clients write the same key at once. What is "
                "acknowledged lies on three disks.",
       .points = 3,
       .seeds = 20,
       .play = PlayEveryReplica},
      {.lab = "hash_ring",
       .part = "1C",
       .name = "UnreachableReplicaBlocks",
       .story = "One of five nodes cannot be reached. A key that the ring lists it for cannot be "
                "written until it is back; other keys can.",
       .points = 3,
       .seeds = 20,
       .must_observe = {kBlocked},
       .play = PlayUnreachable},
      {.lab = "hash_ring",
       .part = "1C",
       .name = "LateRecord",
       .story =
           "A record is sent to a replica and delayed, sent again, and followed by a newer one. "
           "When the delayed one arrives at last, it must not replace the newer one.",
       .points = 2,
       .seeds = 20,
       .must_observe = {kOldOneCame},
       .play = PlayLateRecord},
      {.lab = "hash_ring",
       .part = "1C",
       .name = "LostAnswer",
       .story =
           "An append is on all disks, and its answer gets lost. The client asks again, in some "
           "runs the primary's next life: the append must not happen twice.",
       .points = 2,
       .seeds = 20,
       .must_observe = {kAskedAgain},
       .play = PlayLostAnswer},
      {.lab = "hash_ring",
       .part = "1C",
       .name = "LateRequest",
       .story =
           "A request is delayed, sent again, answered, and followed by another one of the same "
           "client. When the delayed one arrives at last, nobody waits for it any more.",
       .points = 1,
       .seeds = 20,
       .must_observe = {kLateRequest},
       .play = PlayLateRequest},
      {.lab = "hash_ring",
       .part = "1C",
       .name = "PrimaryDiesHalfWay",
       .story = "The primary dies in the middle of a write, each seed at another point, and comes "
                "back with what its disk has kept.",
       .points = 2,
       .seeds = 20,
       .must_observe = {kHalfWay},
       .play = PlayHalfWay},
      {.lab = "hash_ring",
       .part = "1C",
       .name = "ClientReturns",
       .story = "A client dies while it writes, and writes again in its next life.",
       .points = 2,
       .seeds = 20,
       .play = PlayClientReturns},
  };
}

}  // namespace

std::vector<Scenario> FixedRingScenarios() {
  std::vector<Scenario> all = Stories();
  const std::vector<Scenario> sweeps = cache::FixedRingSweeps();
  all.insert(all.end(), sweeps.begin(), sweeps.end());
  return all;
}

}  // namespace quorum::grader
