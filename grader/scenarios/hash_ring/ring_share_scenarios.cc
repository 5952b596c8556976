// Part 1A, steps 2, 5 and 6: shares, preference lists and the ketama scheme.

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "grader/scenarios/hash_ring/hash_ring_scenarios.h"
#include "grader/scenarios/hash_ring/played_ring.h"
#include "grader/scenarios/hash_ring/ring_statements.h"

namespace quorum::grader {
namespace {

using hash_ring::RingMember;
using hash_ring::Scheme;

/// Consecutive names and keys, as they come in practice: a weak hash maps them close together.
/// With 160 points a unit of weight, a share's standard deviation is 8% or less. The bound is five
/// of them, and a test plays every arrangement that the seeds can draw.
void EvenShares(Stage& stage) {
  constexpr std::uint64_t kKeys = 20'000;
  PlayedRing ring(stage, {});
  const std::vector<std::uint32_t> weights = Pick<std::vector<std::uint32_t>>(
      stage.random(), {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 2, 4, 1, 2, 4, 1, 2, 4, 1}});
  const std::vector<std::string> names = NodeNames(weights.size(), 10 * stage.random().Below(20));
  std::uint64_t total_weight = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    ring.Add(names[i], weights[i]);
    total_weight += weights[i];
  }
  std::map<std::string, std::uint64_t> keys_of;
  for (std::uint64_t i = 0; i < kKeys; ++i) {
    const std::string owner = ring.Owner(fmt::format("user:{}", i));
    stage.Record(MixedHash(owner, 0));
    ++keys_of[owner];
  }
  for (const RingMember& member : ring.model().Members()) {
    const std::uint64_t percent_of_share =
        100 * keys_of[member.name] * total_weight / (kKeys * member.weight);
    stage.Require(
        ring_statements::kEvenShares, 60 <= percent_of_share && percent_of_share <= 140,
        fmt::format("{} has {} of the weight of {} and got {} of {} keys, {}% of its share.",
                    Quoted(member.name), member.weight, total_weight, keys_of[member.name], kKeys,
                    percent_of_share));
  }
}

/// A node beside one a thousand times its weight: it still has its own points.
void LightAndHeavy(Stage& stage) {
  PlayedRing ring(stage, {.points_per_unit = 10});
  const std::vector<RingMember> members = {{"heavy", 1000}, {"light", 1}, {"middle", 4}};
  for (const RingMember& member : Shuffled(stage.random(), members))
    ring.Add(member.name, member.weight);
  for (const RingMember& member : members) {
    for (std::uint64_t i = 0; i < std::uint64_t{10} * member.weight; i += 1 + i / 20) {
      // A point's label, looked up as a key, lies just on the point.
      const std::string label = fmt::format("{}-{}", member.name, i);
      const std::string owner = ring.Owner(label);
      stage.Record(MixedHash(owner, 0));
      stage.Require(ring_statements::kEvenShares, owner == member.name,
                    fmt::format("{} has weight {}, so that point {} of {} lies at the hash of {}; "
                                "but ring->Owner({}) answered {}.",
                                Quoted(member.name), member.weight, i, 10 * member.weight,
                                Quoted(label), Quoted(label), Quoted(owner)));
    }
  }
  for (const std::string& key : DrawKeys(stage.random(), 200)) {
    ring.CheckOwner(key, ring_statements::kEvenShares);
  }
}

void PreferenceLists(Stage& stage) {
  const std::vector<std::string> names = NodeNames(7, stage.random().Below(1000));
  const auto draw = [&](sim::Rng& random, Ops* ops) {
    for (const std::string& name : names) AddOp(ops, "add", name, 1 + random.Below(2));
    for (const std::string& name : Shuffled(random, names)) AddOp(ops, "remove", name);
  };
  const std::vector<std::string> keys = DrawKeys(stage.random(), 25);
  PlayedRing ring(stage, {.points_per_unit = 6});
  std::map<std::string, std::vector<std::string>> lists;  // of all members, by key
  for (const faults::ClientOp& op : stage.Ops(draw)) {
    if (ring.Play(op) != absl::StatusCode::kOk) continue;
    const std::size_t members = ring.model().size();
    for (const std::string& key : keys) {
      const std::vector<std::string> all = ring.List(key, members);
      std::vector<std::string> larger = op.op() == "add" ? all : lists[key];
      std::vector<std::string> smaller = op.op() == "add" ? lists[key] : all;
      std::erase(larger, op.key());
      stage.Require(ring_statements::kListsKeepOrder, larger == smaller,
                    fmt::format("The list of {} was {}; then {} {}, and it is {}.", Quoted(key),
                                ListOf(lists[key]), Quoted(op.key()),
                                op.op() == "add" ? "joined" : "left", ListOf(all)));
      lists[key] = all;
      const std::size_t n = stage.random().Below(members + 3);
      const std::vector<std::string> some = ring.List(key, n);
      stage.Require(ring_statements::kDistinctNodes,
                    std::ranges::equal(some, all | std::views::take(some.size())),
                    fmt::format("ring->PreferenceList({}, {}) is {}, which is not how the list of "
                                "all members begins: {}.",
                                Quoted(key), n, ListOf(some), ListOf(all)));
      ring.CheckList(key, n);
      if (n > members) stage.Observe("a list longer than the ring was asked for");
      if (ring.model().MeetsANodeTwice(key, n)) stage.Observe("a node was met twice");
    }
  }
}

struct Route {
  const char* key;
  const char* server;
};

/// Taken from libmemcached 1.1.4: servers 10.0.1.1 to 10.0.1.8, port 11211, KETAMA_WEIGHTED.
constexpr Route kRoutes[] = {
    {"SVa_]_V41)", "10.0.1.7"}, {"30C1*Z*S/_", "10.0.1.3"},
    {"ERR:EC58G>", "10.0.1.3"}, {"1I=cTMNTKF", "10.0.1.3"},
    {"UUTC`-V159", "10.0.1.8"}, {"@7RU6C6T+Z", "10.0.1.8"},
    {"/XLN0@+36;", "10.0.1.1"}, {"P1[Ma3=K1/", "10.0.1.4"},
    {"D[HE+cFXDK", "10.0.1.3"}, {"VDEAAAAA", "10.0.1.3"},  // behind the last point
    {"apple", "10.0.1.1"},      {"beat", "10.0.1.3"},
    {"zip", "10.0.1.4"},        {"The quick brown fox jumps over the lazy dog", "10.0.1.5"},
};

void KetamaRoutes(Stage& stage) {
  PlayedRing ring(stage, {.scheme = Scheme::kKetama});
  std::vector<std::string> servers;
  for (int i = 1; i <= 8; ++i) servers.push_back(fmt::format("10.0.1.{}", i));
  for (const std::string& server : Shuffled(stage.random(), servers)) ring.Add(server);
  ring.Add("10.0.1.9", 2);  // refused
  for (const Route& route : kRoutes) {
    const std::string owner = ring.Owner(route.key);
    stage.Require(
        ring_statements::kKetama, owner == route.server,
        fmt::format("{} belongs to {} and ring->Owner({}) answered {}. The key lies at {}.",
                    Quoted(route.key), route.server, Quoted(route.key), owner,
                    Hex(ring.model().PositionOf(route.key))));
  }
  for (int step = 0; step < 6; ++step) {
    ring.Remove(Pick(stage.random(), ring.model().Members()).name);
    for (const std::string& key : DrawKeys(stage.random(), 50)) {
      ring.CheckOwner(key, ring_statements::kKetama);
      ring.CheckList(key, 3);
    }
  }
}

/// Two labels of ketama's that really collide; both points lie at 1009926488.
void KetamaCollision(Stage& stage) {
  const std::vector<std::string> servers = {"172.31.1.125", "172.31.1.202"};
  PlayedRing ring(stage, {.scheme = Scheme::kKetama});
  for (const std::string& server : Shuffled(stage.random(), servers)) ring.Add(server);
  std::string key;
  do {
    key = fmt::format("key:{}", stage.random().Next());
  } while (ring.model().FirstPoint(ring.model().PositionOf(key)).first != 1009926488);
  ring.CheckOwner(key, ring_statements::kMembersDecide);
  ring.CheckList(key, 2);
  ring.Remove(servers[0]);
  ring.CheckOwner(key, ring_statements::kMembersDecide);
}

}  // namespace

std::vector<Scenario> RingShareScenarios() {
  return {
      {.lab = "hash_ring",
       .part = "1A",
       .name = "EvenShares",
       .story =
           "Ten nodes with consecutive names, of equal weights or of weights 1, 2 and 4, share "
           "20,000 keys with consecutive names.",
       .points = 2,
       .seeds = 5,
       .play = EvenShares},
      {.lab = "hash_ring",
       .part = "1A",
       .name = "LightAndHeavy",
       .story =
           "A node of weight 1 beside one of weight 1000. The label of a point, looked up as a "
           "key, shows that the point is there.",
       .points = 1,
       .seeds = 5,
       .play = LightAndHeavy},
      {.lab = "hash_ring",
       .part = "1A",
       .name = "PreferenceLists",
       .story =
           "The first n nodes for a key, for n from none to more than there are, while one node "
           "after the other leaves.",
       .points = 4,
       .seeds = 50,
       .must_observe = {"a list longer than the ring was asked for", "a node was met twice"},
       .play = PreferenceLists},
      {.lab = "hash_ring",
       .part = "1A",
       .name = "KetamaRoutes",
       .story = "Eight memcached servers in a ketama ring, and keys of which it is published where "
                "existing clients look for them. Then servers leave.",
       .points = 1,
       .seeds = 20,
       .play = KetamaRoutes},
      {.lab = "hash_ring",
       .part = "1A",
       .name = "KetamaCollision",
       .story =
           "Two servers in a ketama ring that have a point in common, and a key that belongs to "
           "it. One of them leaves.",
       .points = 1,
       .seeds = 20,
       .play = KetamaCollision},
  };
}

}  // namespace quorum::grader
