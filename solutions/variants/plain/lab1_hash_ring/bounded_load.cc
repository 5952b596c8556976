// A right solution of another shape: the placement rule, played from the beginning at each call.
#include "labs/lab1_hash_ring/bounded_load.h"

#include <algorithm>
#include <map>

namespace quorum::hash_ring {
namespace {

class PlainBalancer final : public BoundedLoad {
 public:
  PlainBalancer(std::unique_ptr<HashRing> ring, std::uint32_t capacity_percent)
      : ring_(std::move(ring)), percent_(capacity_percent) {}

  absl::StatusOr<Moves> AddNode(std::string_view name, std::uint32_t weight) override {
    if (absl::Status added = ring_->Add(name, weight); !added.ok()) return added;
    return PlaceAll(places_);
  }

  absl::StatusOr<Moves> RemoveNode(std::string_view name) override {
    const std::vector<RingMember> members = ring_->Members();
    if (members.size() == 1 && members.front().name == name && !places_.empty()) {
      return absl::FailedPreconditionError("There would be no node left.");
    }
    if (absl::Status removed = ring_->Remove(name); !removed.ok()) return removed;
    return PlaceAll(places_);
  }

  absl::StatusOr<Moves> Assign(std::string_view item) override {
    if (item.empty()) return absl::InvalidArgumentError("An item has a name.");
    if (places_.contains(item)) return absl::AlreadyExistsError("The item is placed.");
    if (ring_->Members().empty()) return absl::FailedPreconditionError("There is no node.");
    Places wanted = places_;
    wanted.emplace(item, "");
    return PlaceAll(std::move(wanted));
  }

  absl::StatusOr<Moves> Release(std::string_view item) override {
    Places wanted = places_;
    const auto found = wanted.find(item);
    if (found == wanted.end()) return absl::NotFoundError("The item is not placed.");
    wanted.erase(found);
    return PlaceAll(std::move(wanted));
  }

  absl::StatusOr<std::string> NodeOf(std::string_view item) const override {
    const auto found = places_.find(item);
    if (found == places_.end()) return absl::NotFoundError("The item is not placed.");
    return found->second;
  }

  absl::StatusOr<std::uint64_t> Load(std::string_view node) const override {
    const auto capacity = Capacity(node);
    if (!capacity.ok()) return capacity.status();
    return std::ranges::count(places_, node, &Places::value_type::second);
  }

  absl::StatusOr<std::uint64_t> Capacity(std::string_view node) const override {
    const auto capacities = Capacities(places_.size());
    const auto found = capacities.find(node);
    if (found == capacities.end()) return absl::NotFoundError("The node is not on the ring.");
    return found->second;
  }

 private:
  using Places = std::map<std::string, std::string, std::less<>>;

  std::map<std::string, std::uint64_t, std::less<>> Capacities(std::uint64_t items) const {
    const std::vector<RingMember> members = ring_->Members();
    std::uint64_t whole = 0;
    for (const RingMember& member : members) whole += 100 * std::uint64_t{member.weight};
    std::map<std::string, std::uint64_t, std::less<>> capacities;
    for (const RingMember& member : members) {
      const std::uint64_t part = percent_ * items * member.weight;
      capacities[member.name] = part / whole + (part % whole > 0);
    }
    return capacities;
  }

  // Places the items of `wanted`, wherever they were, and says what has changed.
  Moves PlaceAll(Places wanted) {
    auto room = Capacities(wanted.size());
    for (auto& [item, place] : wanted) {  // by name
      for (const std::string& node : ring_->PreferenceList(item, room.size())) {
        if (room[node] == 0) continue;
        --room[node];
        place = node;
        break;
      }
    }
    Moves moves;
    for (const auto& [item, place] : places_) {
      const auto now = wanted.find(item);
      if (now == wanted.end()) {
        moves.push_back({item, place, ""});
      } else if (now->second != place) {
        moves.push_back({item, place, now->second});
      }
    }
    for (const auto& [item, place] : wanted) {
      if (!places_.contains(item)) moves.push_back({item, "", place});
    }
    std::ranges::sort(moves, {}, &Move::item);
    places_ = std::move(wanted);
    return moves;
  }

  std::unique_ptr<HashRing> ring_;
  std::uint64_t percent_;
  Places places_;
};

}  // namespace

std::unique_ptr<BoundedLoad> MakeBoundedLoad(std::unique_ptr<HashRing> ring,
                                             std::uint32_t capacity_percent) {
  return std::make_unique<PlainBalancer>(std::move(ring), capacity_percent);
}

}  // namespace quorum::hash_ring
