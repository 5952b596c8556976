// Part 1A, steps 1 to 4: who is on the ring, and where keys belong.

#include <fmt/format.h>

#include <limits>
#include <set>

#include "grader/scenarios/hash_ring/hash_ring_scenarios.h"
#include "grader/scenarios/hash_ring/played_ring.h"
#include "grader/scenarios/hash_ring/ring_statements.h"

namespace quorum::grader {
namespace {

constexpr std::uint64_t kLastPosition = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kTopBit = std::uint64_t{1} << 63;

void MembersComeAndGo(Stage& stage) {
  const auto draw = [](sim::Rng& random, Ops* ops) {
    const std::vector<std::string> names = {"ada", "bob", "cyd", "dan", "dan-1"};
    const std::vector<std::uint32_t> weights = {1, 1, 1, 2, 3, 0, 200'001, 4'000'000'000};
    for (int i = 0; i < 40; ++i) {
      const std::string name = random.Chance(60'000) ? "" : Pick(random, names);
      AddOp(ops, random.Chance(400'000) ? "remove" : "add", name, Pick(random, weights));
    }
  };
  PlayedRing ring(stage, {.points_per_unit = 5});
  ring.CheckMembers();
  for (const faults::ClientOp& op : stage.Ops(draw)) {
    const absl::StatusCode code = ring.Play(op);
    stage.Observe(std::string(op.op()) + ": " + absl::StatusCodeToString(code));
    ring.CheckMembers();
  }
}

/// Points where off-by-one and sign mistakes show, and keys just before, on and just after them.
void FirstPointClockwise(Stage& stage) {
  std::vector<std::uint64_t> places = {kTopBit, stage.random().Next() >> 1, stage.random().Next(),
                                       kLastPosition - 1 - stage.random().Below(1000)};
  if (stage.random().Chance(300'000)) places.push_back(0);
  if (stage.random().Chance(300'000)) places.push_back(kLastPosition);
  std::map<std::string, std::uint64_t> positions = {{"key:first", 0}, {"key:last", kLastPosition}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    positions[fmt::format("node{}-0", i)] = places[i];  // the point of node<i>; a key as well
    positions[fmt::format("key:before{}", i)] = places[i] - 1;
    positions[fmt::format("key:on{}", i)] = places[i];
    positions[fmt::format("key:after{}", i)] = places[i] + 1;
  }
  PlayedRing ring(stage, {.points_per_unit = 1, .hash = PlacedAt(positions)});
  for (const std::string& name : Shuffled(stage.random(), NodeNames(places.size()))) {
    ring.Add(name);
  }
  for (const auto& [text, position] : positions) {
    ring.CheckOwner(text, ring_statements::kFirstPoint);
    const std::uint64_t point = ring.model().FirstPoint(position).first;
    if (point == position) stage.Observe("a key on a point");
    if (point < position) stage.Observe("a key behind all points");
    if (position >= kTopBit) stage.Observe("a position with its top bit set");
  }
}

/// Joins and departures of nodes named `names`; a departing one is a member when it can be.
Stage::DrawOps RandomChanges(std::vector<std::string> names, int count) {
  return [names = std::move(names), count](sim::Rng& random, Ops* ops) {
    std::set<std::string> members;
    for (int i = 0; i < count; ++i) {
      const std::string name = Pick(random, names);
      const bool joins = members.insert(name).second;
      if (!joins) members.erase(name);
      AddOp(ops, joins ? "add" : "remove", name, 1 + random.Below(3));
    }
  };
}

/// The lab's own hash, and a ring that changes between lookups of the same keys.
void LookupsFollowChanges(Stage& stage) {
  const std::vector<std::string> keys = DrawKeys(stage.random(), 60);
  const std::uint64_t first = stage.random().Below(1000);
  PlayedRing ring(stage, {.points_per_unit = 8});
  ring.CheckEmpty();
  for (const faults::ClientOp& op : stage.Ops(RandomChanges(NodeNames(6, first), 30))) {
    ring.Play(op);
    if (ring.model().size() == 0) {
      ring.CheckEmpty();
      stage.Observe("the last node left");
      continue;
    }
    for (const std::string& key : keys) ring.CheckOwner(key, ring_statements::kFirstPoint);
    ring.Owners(keys);
  }
}

/// Few positions, so that every one has points of several nodes. Two rings get the same members in
/// different orders; whenever they have the same ones, they must agree.
void CollidingPoints(Stage& stage) {
  const std::uint64_t salt = stage.random().Next();
  const hash_ring::Hash few_positions = [salt](std::string_view text) {
    return MixedHash(text, salt) % 16 * (kLastPosition / 15);  // 0 and the last one among them
  };
  const auto draw = [](sim::Rng& random, Ops* ops) {
    const std::vector<std::string> names = NodeNames(5, 8);  // "node10" comes before "node8"
    AddOp(ops, "add", "guest", 1, 1);                        // leaves again, and leaves no trace
    for (const std::uint32_t ring : {0, 1}) {
      for (const std::string& name : Shuffled(random, names)) AddOp(ops, "add", name, 1, ring);
    }
    AddOp(ops, "remove", "guest", 1, 1);
    for (const std::string& name : Shuffled(random, names)) {
      AddOp(ops, "remove", name, 1, 0);
      AddOp(ops, "remove", name, 1, 1);
    }
  };
  const std::vector<std::string> keys = DrawKeys(stage.random(), 60);
  PlayedRing ring(stage, {.points_per_unit = 3, .hash = few_positions});
  PlayedRing other(stage, {.points_per_unit = 3, .hash = few_positions}, "other");
  for (const faults::ClientOp& op : stage.Ops(draw)) {
    (op.client() == 0 ? ring : other).Play(op);
    if (ring.model().size() == 0 || ring.model().Members() != other.model().Members()) continue;
    if (ring.model().HasCollisions()) stage.Observe("nodes shared a position");
    for (const std::string& key : keys) {
      const std::string owner = ring.Owner(key), others = other.Owner(key);
      stage.Require(ring_statements::kMembersDecide, owner == others,
                    fmt::format("Two rings have the same members; ring->Owner({0}) is {1} and "
                                "other->Owner({0}) is {2}.",
                                Quoted(key), Quoted(owner), Quoted(others)));
      ring.CheckOwner(key, ring_statements::kMembersDecide);
    }
  }
}

/// No model: what lookups said before a change is compared with what they say after it, and with
/// what they said when the ring last had the same members.
void OnlyItsKeysMove(Stage& stage) {
  const std::vector<std::string> keys = DrawKeys(stage.random(), 300);
  const std::uint64_t first = stage.random().Below(1000);
  PlayedRing ring(stage, {.points_per_unit = 40});
  Placement before;  // nothing, while the ring is empty
  std::map<std::string, Placement> said;
  for (const faults::ClientOp& op : stage.Ops(RandomChanges(NodeNames(5, first), 30))) {
    const std::string node = op.key();
    const bool joined = op.op() == "add";
    ring.Play(op);
    const Placement after = ring.model().size() == 0 ? Placement{} : ring.Owners(keys);
    for (const auto& [key, to] : after) {
      if (before.empty()) break;
      const std::string& from = before.at(key);
      if (from == to) continue;
      stage.Observe(joined ? "a key moved to a new node" : "a key moved from a leaver");
      stage.Require(ring_statements::kFewKeysMove, (joined ? to : from) == node,
                    fmt::format("{} moved from {} to {} when {} {}.", Quoted(key), Quoted(from),
                                Quoted(to), Quoted(node), joined ? "joined" : "left"));
    }
    const auto [earlier, is_new] = said.try_emplace(ring.MembersText(), after);
    if (!is_new) stage.Observe("the same members again");
    stage.Require(ring_statements::kMembersDecide, earlier->second == after,
                  fmt::format("The members are {}, as before, and {}", ring.MembersText(),
                              Difference(after, earlier->second)));
    before = after;
  }
}

}  // namespace

std::vector<Scenario> RingPlacementScenarios() {
  return {
      {.lab = "hash_ring",
       .part = "1A",
       .name = "MembersComeAndGo",
       .story = "Nodes join and leave in a random order, some with names or weights that must be "
                "refused. After each call the ring lists its members.",
       .points = 3,
       .seeds = 50,
       .must_observe = {"add: OK", "add: ALREADY_EXISTS", "add: INVALID_ARGUMENT", "remove: OK",
                        "remove: NOT_FOUND"},
       .play = MembersComeAndGo},
      {.lab = "hash_ring",
       .part = "1A",
       .name = "FirstPointClockwise",
       .story =
           "The grader's hash puts the points of a few nodes at chosen positions, and keys just "
           "before, on and just after them, also at both ends of the circle.",
       .points = 4,
       .seeds = 50,
       .must_observe = {"a key on a point", "a key behind all points",
                        "a position with its top bit set"},
       .play = FirstPointClockwise},
      {.lab = "hash_ring",
       .part = "1A",
       .name = "LookupsFollowChanges",
       .story = "The lab's own hash. The same keys are looked up after each of a number of random "
                "joins and departures, and in a ring that is empty.",
       .points = 2,
       .seeds = 50,
       .must_observe = {"the last node left"},
       .play = LookupsFollowChanges},
      {.lab = "hash_ring",
       .part = "1A",
       .name = "CollidingPoints",
       .story = "The grader's hash knows sixteen positions, so that nodes collide everywhere. Two "
                "rings get the same members in different orders; then members leave both.",
       .points = 2,
       .seeds = 50,
       .must_observe = {"nodes shared a position"},
       .play = CollidingPoints},
      {.lab = "hash_ring",
       .part = "1A",
       .name = "OnlyItsKeysMove",
       .story = "Nodes join and leave. The owners of 300 keys are compared with those before each "
                "change, and with those when the ring had the same members before.",
       .points = 2,
       .seeds = 50,
       .must_observe = {"a key moved to a new node", "a key moved from a leaver",
                        "the same members again"},
       .play = OnlyItsKeysMove},
  };
}

}  // namespace quorum::grader
