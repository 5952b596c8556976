// Part 1B: consistent hashing with bounded loads.

#include <fmt/format.h>

#include "grader/scenarios/hash_ring/bounded_statements.h"
#include "grader/scenarios/hash_ring/hash_ring_scenarios.h"
#include "grader/scenarios/hash_ring/played_balancer.h"

namespace quorum::grader {
namespace {

/// c = 1, which leaves no slack at all, and values that round in all ways: in floating point 1.12
/// times 25 is more than 28.
std::uint32_t DrawPercent(sim::Rng& random) {
  return Pick<std::uint32_t>(random, {100, 101, 110, 112, 125, 133, 200, 224});
}

std::string ItemName(sim::Rng& random) { return fmt::format("item{}", random.Below(60)); }

/// Mostly assignments at first and mostly releases at the end, of items that are placed or not.
void DrawItems(sim::Rng& random, Ops* ops, int count) {
  for (int i = 0; i < count; ++i) {
    const bool assigns = random.Below(count) * 2 < static_cast<std::uint64_t>(2 * count - i);
    AddOp(ops, assigns ? "assign" : "release", random.Chance(20'000) ? "" : ItemName(random));
  }
}

void LoadsStayBounded(Stage& stage) {
  const std::uint32_t percent = DrawPercent(stage.random());
  PlayedBalancer balancer(stage, percent, NodeNames(1 + stage.random().Below(6)));
  balancer.CheckBounds();
  const auto draw = [](sim::Rng& random, Ops* ops) { DrawItems(random, ops, 110); };
  for (const faults::ClientOp& op : stage.Ops(draw)) {
    const absl::StatusCode code = balancer.Play(op);
    stage.Observe(op.op() + ": " + absl::StatusCodeToString(code));
    balancer.CheckBounds();
    if (balancer.ItemsElsewhere() > 0) stage.Observe("an item walked past a full node");
  }
}

void ItemsFollowTheRule(Stage& stage) {
  const std::uint32_t percent = DrawPercent(stage.random());
  PlayedBalancer balancer(stage, percent, NodeNames(2 + stage.random().Below(5)));
  const auto draw = [](sim::Rng& random, Ops* ops) { DrawItems(random, ops, 60); };
  for (const faults::ClientOp& op : stage.Ops(draw)) {
    balancer.Play(op);
    balancer.CheckBounds();
    balancer.CheckRule();
    for (const hash_ring::Move& move : balancer.CheckMoves()) {
      if (move.item == op.key()) continue;
      stage.Observe(op.op() == "assign" ? "an assignment moved another item"
                                        : "a release moved another item");
    }
  }
}

/// Nodes of several weights; also the errors of joining and leaving.
void NodesJoinAndLeave(Stage& stage) {
  const std::uint32_t percent = DrawPercent(stage.random());
  const auto draw = [](sim::Rng& random, Ops* ops) {
    const std::vector<std::string> nodes = NodeNames(6);
    for (int i = 0; i < 70; ++i) {
      const std::uint64_t kind = random.Below(100);
      if (kind < 60) {
        AddOp(ops, kind < 45 ? "assign" : "release", ItemName(random));
      } else {
        AddOp(ops, kind < 80 ? "add" : "remove", Pick(random, nodes), random.Below(4));
      }
    }
  };
  PlayedBalancer balancer(stage, percent, {});
  for (const faults::ClientOp& op : stage.Ops(draw)) {
    const absl::StatusCode code = balancer.Play(op);
    stage.Observe(op.op() + ": " + absl::StatusCodeToString(code));
    balancer.CheckBounds();
    const bool moved = !balancer.CheckMoves().empty();
    if (moved && op.op() == "add") stage.Observe("a join moved items");
    if (moved && op.op() == "remove") stage.Observe("a departure moved items");
  }
  balancer.CheckRule();
}

/// No model: two balancers come to the same members and items on different ways.
void HistoryDoesNotMatter(Stage& stage) {
  const std::uint32_t percent = DrawPercent(stage.random());
  const auto draw = [](sim::Rng& random, Ops* ops) {
    std::vector<std::string> items;
    for (std::uint64_t i = 10 + random.Below(20); i > 0; --i)
      items.push_back(fmt::format("item{}", i));
    for (const std::uint32_t balancer : {0, 1}) {
      const std::string guest = fmt::format("guest{}", balancer);
      AddOp(ops, "add", guest, 1, balancer);
      for (const std::string& node : Shuffled(random, NodeNames(4))) {
        AddOp(ops, "add", node, 1, balancer);
      }
      AddOp(ops, "assign", guest, 1, balancer);
      for (const std::string& item : Shuffled(random, items))
        AddOp(ops, "assign", item, 1, balancer);
      AddOp(ops, "remove", guest, 1, balancer);
      AddOp(ops, "release", guest, 1, balancer);
    }
    for (const std::string& item : Shuffled(random, items)) {
      AddOp(ops, "release", item, 1, 0);
      AddOp(ops, "release", item, 1, 1);
    }
  };
  PlayedBalancer one(stage, percent, {}, "one"), two(stage, percent, {}, "two");
  for (const faults::ClientOp& op : stage.Ops(draw)) {
    (op.client() == 0 ? one : two).Play(op);
    if (one.ring().size() == 0 || one.ring().Members() != two.ring().Members() ||
        one.items() != two.items()) {
      continue;
    }
    const std::string difference = Difference(two.Places(), one.Places());
    stage.Require(
        bounded_statements::kSetsDecide, difference.empty(),
        "one and two have the same members and items. If one is right, then in two " + difference);
    if (!one.items().empty()) stage.Observe("the same items on the same nodes");
  }
}

}  // namespace

std::vector<Scenario> BoundedLoadScenarios() {
  return {
      {.lab = "hash_ring",
       .part = "1B",
       .name = "LoadsStayBounded",
       .story = "Items are assigned to a fixed set of nodes and released again, for various values "
                "of c, 1 among them. After each call every node's load and capacity is checked.",
       .points = 5,
       .seeds = 100,
       .must_observe = {"assign: OK", "assign: ALREADY_EXISTS", "assign: INVALID_ARGUMENT",
                        "release: OK", "release: NOT_FOUND", "an item walked past a full node"},
       .play = LoadsStayBounded},
      {.lab = "hash_ring",
       .part = "1B",
       .name = "ItemsFollowTheRule",
       .story = "The same, and after each call every item must be where the placement rule of "
                "bounded_load.h puts it, and the moves that the call reported must be those that "
                "happened.",
       .points = 3,
       .seeds = 50,
       .must_observe = {"an assignment moved another item", "a release moved another item"},
       .play = ItemsFollowTheRule},
      {.lab = "hash_ring",
       .part = "1B",
       .name = "NodesJoinAndLeave",
       .story =
           "Nodes of various weights join and leave while items come and go. Loads, capacities and "
           "reported moves are checked after each call, and the placement at the end.",
       .points = 3,
       .seeds = 50,
       .must_observe = {"add: OK", "add: ALREADY_EXISTS", "add: INVALID_ARGUMENT", "remove: OK",
                        "remove: NOT_FOUND", "remove: FAILED_PRECONDITION",
                        "assign: FAILED_PRECONDITION", "a join moved items",
                        "a departure moved items"},
       .play = NodesJoinAndLeave},
      {.lab = "hash_ring",
       .part = "1B",
       .name = "HistoryDoesNotMatter",
       .story = "Two balancers get the same nodes and items in different orders, and guests that "
                "leave again. Then the items are released one by one.",
       .points = 2,
       .seeds = 50,
       .must_observe = {"the same items on the same nodes"},
       .play = HistoryDoesNotMatter},
  };
}

}  // namespace quorum::grader
