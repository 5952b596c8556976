#include "labs/lab1_hash_ring/bounded_load.h"

// [skeleton: #include "common/env/not_written.h"]
// [solution]
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "common/env/check.h"
// [end]

namespace quorum::hash_ring {
namespace {

class Balancer final : public BoundedLoad {
 public:
  Balancer(std::unique_ptr<HashRing> ring, std::uint32_t capacity_percent)
      : ring_(std::move(ring)), capacity_percent_(capacity_percent) {
    // [solution]
    for (const RingMember& member : ring_->Members()) {
      nodes_[member.name].weight = member.weight;
      total_weight_ += member.weight;
    }
    // [end]
  }

  absl::StatusOr<Moves> AddNode(std::string_view name, std::uint32_t weight) override {
    // [solution: Add the node to the ring and place all items anew (handout 1B, step 4).]
    if (absl::Status added = ring_->Add(name, weight); !added.ok()) {
      return added;
    }
    nodes_[std::string(name)].weight = weight;
    total_weight_ += weight;
    return PlaceAllAnew();
    // [end]
  }

  absl::StatusOr<Moves> RemoveNode(std::string_view name) override {
    // [solution: Remove the node from the ring and place all items anew (handout 1B, step 4).]
    const auto node = nodes_.find(name);
    if (node == nodes_.end()) {
      return absl::NotFoundError("No node of this name is on the ring.");
    }
    if (nodes_.size() == 1 && !items_.empty()) {
      return absl::FailedPreconditionError("The last node's items have nowhere to go.");
    }
    if (absl::Status removed = ring_->Remove(name); !removed.ok()) {
      return removed;
    }
    total_weight_ -= node->second.weight;
    nodes_.erase(node);
    return PlaceAllAnew();
    // [end]
  }

  absl::StatusOr<Moves> Assign(std::string_view item) override {
    // [solution: Place a new item; it may push others on (handout 1B, steps 2 and 3).]
    if (item.empty()) {
      return absl::InvalidArgumentError("An item needs a name.");
    }
    if (items_.contains(item)) {
      return absl::AlreadyExistsError("An item of this name is placed.");
    }
    if (nodes_.empty()) {
      return absl::FailedPreconditionError("The ring has no members.");
    }
    items_.emplace(item, "");
    return Settle({std::string(item)});
    // [end]
  }

  absl::StatusOr<Moves> Release(std::string_view item) override {
    // [solution: Take the item away; others may return (handout 1B, steps 2 and 3).]
    const auto place = items_.find(item);
    if (place == items_.end()) {
      return absl::NotFoundError("No item of this name is placed.");
    }
    Leave(place->first);
    before_.insert(*place);
    items_.erase(place);
    return Settle({});
    // [end]
  }

  absl::StatusOr<std::string> NodeOf(std::string_view item) const override {
    // [solution: Say where the item is (handout 1B, step 2).]
    const auto place = items_.find(item);
    if (place == items_.end()) {
      return absl::NotFoundError("No item of this name is placed.");
    }
    return place->second;
    // [end]
  }

  absl::StatusOr<std::uint64_t> Load(std::string_view node) const override {
    // [solution: Count the items of the node (handout 1B, step 2).]
    const auto found = nodes_.find(node);
    if (found == nodes_.end()) {
      return absl::NotFoundError("No node of this name is on the ring.");
    }
    return found->second.items.size();
    // [end]
  }

  absl::StatusOr<std::uint64_t> Capacity(std::string_view node) const override {
    // [solution: Round c * m * w / W up, in integers (handout 1B, step 1).]
    const auto found = nodes_.find(node);
    if (found == nodes_.end()) {
      return absl::NotFoundError("No node of this name is on the ring.");
    }
    return CapacityOf(found->second);
    // [end]
  }

 private:
  // [solution]
  struct Node {
    std::uint64_t weight = 0;
    std::set<std::string> items;
    std::set<std::string> passed_by;  // items that found this node full and are further on
  };

  std::uint64_t CapacityOf(const Node& node) const {
    const std::uint64_t share = capacity_percent_ * items_.size() * node.weight;
    const std::uint64_t whole = 100 * total_weight_;
    return (share + whole - 1) / whole;
  }

  bool HasRoom(const Node& node) const { return node.items.size() < CapacityOf(node); }

  // Takes an item off the ring, wherever it is and has passed.
  void Leave(const std::string& item) {
    for (auto& [name, node] : nodes_) {
      node.items.erase(item);
      node.passed_by.erase(item);
    }
  }

  // Lets an item walk to its node. There it may push out the last of the others, which walks on to
  // push out one that comes after it, and so on: each one is later than the one before it, so this
  // ends.
  void Walk(std::string item) {
    while (!item.empty()) {
      Node& node = FirstThatTakes(item);
      node.items.insert(item);
      item.clear();
      if (node.items.size() > CapacityOf(node)) {
        item = std::move(node.items.extract(std::prev(node.items.end())).value());
      }
    }
  }

  Node& FirstThatTakes(const std::string& item) {
    for (const std::string& name : ring_->PreferenceList(item, nodes_.size())) {
      Node& node = nodes_.at(name);
      if (HasRoom(node) || (!node.items.empty() && item < *node.items.rbegin())) {
        before_.try_emplace(item, std::exchange(items_.find(item)->second, name));
        return node;
      }
      node.passed_by.insert(item);
    }
    CheckFailed("The capacities add up to at least the number of items (handout 1B, step 1).",
                SourcePlace::Here());
  }

  // The first of all items that have passed by a node which has room now.
  std::optional<std::string> FirstToReturn() const {
    std::optional<std::string> first;
    for (const auto& [name, node] : nodes_) {
      if (HasRoom(node) && !node.passed_by.empty()) {
        first = std::min(first.value_or(*node.passed_by.begin()), *node.passed_by.begin());
      }
    }
    return first;
  }

  // Brings the placement in line with the rule after the number of items has changed, and places
  // the `waiting` items, which are on no node. Returns the moves since the last call.
  Moves Settle(std::set<std::string> waiting) {
    for (auto& [name, node] : nodes_) {
      while (node.items.size() > CapacityOf(node)) {
        const std::string last = *node.items.rbegin();
        Leave(last);
        waiting.insert(last);
      }
    }
    while (const std::optional<std::string> item = FirstToReturn()) {
      Leave(*item);
      Walk(*item);
    }
    for (const std::string& item : waiting) {
      Walk(item);
    }
    return TakeMoves();
  }

  // After a change of the ring every item may have another way to walk.
  Moves PlaceAllAnew() {
    for (auto& [name, node] : nodes_) {
      node.items.clear();
      node.passed_by.clear();
    }
    std::set<std::string> everything;
    for (const auto& [item, node] : items_) {
      everything.insert(item);
    }
    return Settle(std::move(everything));
  }

  Moves TakeMoves() {
    Moves moves;
    for (const auto& [item, from] : std::exchange(before_, {})) {
      const auto place = items_.find(item);
      const std::string to = place == items_.end() ? "" : place->second;
      if (from != to) {
        moves.push_back({item, from, to});
      }
    }
    return moves;
  }

  // [end]
  std::unique_ptr<HashRing> ring_;
  std::uint64_t capacity_percent_;
  // [solution]
  std::uint64_t total_weight_ = 0;
  std::map<std::string, Node, std::less<>> nodes_;
  std::map<std::string, std::string, std::less<>> items_;  // node by item
  std::map<std::string, std::string> before_;  // where the items that moved during a call were
  // [end]
};

}  // namespace

std::unique_ptr<BoundedLoad> MakeBoundedLoad(std::unique_ptr<HashRing> ring,
                                             std::uint32_t capacity_percent) {
  return std::make_unique<Balancer>(std::move(ring), capacity_percent);
}

}  // namespace quorum::hash_ring
