#include <fmt/format.h>

#include "grader/scenarios/hash_ring/cache_room.h"
#include "grader/scenarios/hash_ring/cache_statements.h"
#include "grader/scenarios/hash_ring/cache_transfer_scenarios.h"

namespace quorum::grader::cache {
namespace {

constexpr char kTwoUnfinished[] = "two writes of two epochs lay on the disks of one node each";

/// The next ring of the same nodes, in which `heavy` has more points.
Ring RingWithHeavy(const CacheRoom& room, NodeId heavy) {
  Ring ring = room.NextRing({1, 2, 3});
  ring.mutable_members(static_cast<int>(heavy) - 1)->set_weight(4);
  return ring;
}

/// Two replicas of one key that take turns at being its primary.
class Turns {
 public:
  explicit Turns(Stage& stage)
      : stage_(stage),
        first_(1 + static_cast<NodeId>(stage.random().Below(3))),
        second_(1 + (first_ + static_cast<NodeId>(stage.random().Below(2))) % 3),
        deletes_(stage.plan().seed() / 2 % 2 == 0) {}

  void Play() {
    LeaveTwoUnfinished();
    stage_.Step(fmt::format("Node {} becomes the primary again.", first_));
    room_.Install(room_.NextRing({1, 2, 3}));
    room_.DemandHandOver();
    room_.Mend({first_}, {second_});
    FinishTheFirst();
    stage_.Step(fmt::format("Node {} becomes the primary again.", second_));
    room_.Install(RingWithHeavy(room_, second_));
    room_.DemandHandOver();
    DemandTheFirst();
    stage_.Step("Both clients can be reached, and ask once more.");
    for (std::uint32_t i = 0; i < 2; ++i) Mend(room_.client(i));
    room_.Await(earlier_, "The earlier write");
    room_.Await(later_, "The later append");
    room_.DemandValue(room_.client(2), key_, After("y;"));
    room_.HealAndJudge();
  }

 private:
  /// What the put and the earlier write make, and then the rest of the value.
  std::optional<std::string> After(const std::string& rest) const {
    if (deletes_ && rest.empty()) return std::nullopt;
    return (deletes_ ? "" : "a;x;") + rest;
  }

  void LeaveTwoUnfinished() {
    const Ring next = RingWithHeavy(room_, second_);
    key_ = room_.KeyWhere(
        [&](const auto& lists) {
          return lists[0] == std::vector{first_, second_} &&
                 lists[1] == std::vector{second_, first_};
        },
        &next);
    room_.Await(room_.Put(room_.client(0), key_, "a;"), "A put");
    stage_.Step(fmt::format(
        "Nodes {} and {}, the replicas of \"{}\", cannot reach each other. Node {}, the "
        "primary, is asked for a write, and nobody can reach the client any more.",
        first_, second_, key_, first_));
    room_.Cut({first_}, {second_});
    earlier_ =
        deletes_ ? room_.Delete(room_.client(0), key_) : room_.Append(room_.client(0), key_, "x;");
    const bool one = LiesAlone(first_, second_);
    Cut(room_.client(0));
    room_.Install(next);
    room_.DemandHandOver();
    stage_.Step(
        fmt::format("Now node {} is the primary. It is asked for another write, and nobody can "
                    "reach that client either.",
                    second_));
    later_ = room_.Append(room_.client(1), key_, "y;");
    const bool two = LiesAlone(second_, first_);
    Cut(room_.client(1));
    if (one && two && !earlier_->done && !later_->done) stage_.Observe(kTwoUnfinished);
  }

  /// Somebody is told of the earlier write: its client, or a reader.
  void FinishTheFirst() {
    if (stage_.plan().seed() % 2 == 0) {
      stage_.Step("The client of the earlier write can be reached again, and asks once more.");
      Mend(room_.client(0));
      room_.Await(earlier_, "The earlier write");  // and nobody reads what it has made
    } else {
      stage_.Step("Somebody reads the key.");
      room_.DemandValue(room_.client(2), key_, After(""));
    }
  }

  /// The earlier write is there still.
  void DemandTheFirst() {
    if (earlier_->done) return room_.DemandValue(room_.client(2), key_, After(""));
    const Operation got = room_.Await(room_.Get(room_.client(2), key_), "A get");
    stage_.Require(
        kOneOrder, got.value == After(""),
        fmt::format("A get of the key \"{}\" has seen the earlier write, and now another "
                    "one returns \"{}\": the write is gone.",
                    key_, got.value.value_or("")));
  }

  /// Whether `node` soon holds a newer record of the key than `other`.
  bool LiesAlone(NodeId node, NodeId other) {
    const Facts& facts = room_.facts();
    return room_.RunUntil(
        [&] { return facts.NewestEver(node, key_) > facts.NewestEver(other, key_); }, kSecond);
  }

  void Cut(NodeId client) { room_.Cut({client}, room_.AllBut({client})); }
  void Mend(NodeId client) { room_.Mend({client}, room_.AllBut({client})); }

  Stage& stage_;
  CacheRoom room_{stage_, {.nodes = 3, .clients = 3, .replicas = 2, .points_per_unit = 16}};
  NodeId first_;
  NodeId second_;
  bool deletes_;
  std::string key_;
  Pending earlier_;
  Pending later_;
};

}  // namespace

Scenario TakingTurns() {
  return {
      .lab = "hash_ring",
      .part = "1D",
      .name = "TakingTurns",
      .story =
          "A key's two replicas take turns at being its primary. Each has a write that the "
          "other has not heard of. When the first one is primary again, somebody is told of its "
          "write; when the second one is, that write must still be there.",
      .points = 1,
      .seeds = 20,
      .must_observe = {kTwoUnfinished},
      .play = [](Stage& stage) { Turns(stage).Play(); }};
}

}  // namespace quorum::grader::cache
