// Each promise of part 1B is broken on purpose, and must be missed under its own name.

#include <gtest/gtest.h>

#include <algorithm>

#include "grader/scenarios/hash_ring/bounded_model.h"
#include "grader/scenarios/hash_ring/hash_ring_scenarios.h"
#include "grader/scenarios/hash_ring/playing.h"
#include "labs/lab1_hash_ring/bounded_load.h"

namespace quorum::grader {
namespace {

using hash_ring::BoundedLoad;
using hash_ring::HashRing;
using hash_ring::Move;
using Places = std::map<std::string, std::string>;

/// A right bounded load, which computes the whole placement at each call; the broken ones change
/// one of its steps.
class RightBalancer : public BoundedLoad {
 public:
  RightBalancer(std::unique_ptr<HashRing> ring, std::uint32_t percent)
      : ring_(std::move(ring)), percent_(percent) {}

  absl::StatusOr<Moves> AddNode(std::string_view name, std::uint32_t weight) override {
    if (absl::Status status = ring_->Add(name, weight); !status.ok()) return status;
    return Replace(/*members_changed=*/true);
  }
  absl::StatusOr<Moves> RemoveNode(std::string_view name) override {
    if (ring_->Members().size() == 1 && Has(name) && !items_.empty()) {
      return absl::FailedPreconditionError("the last one");
    }
    if (absl::Status status = ring_->Remove(name); !status.ok()) return status;
    return Replace(/*members_changed=*/true);
  }
  absl::StatusOr<Moves> Assign(std::string_view item) override {
    if (item.empty()) return absl::InvalidArgumentError("no name");
    if (placed_.contains(std::string(item))) return absl::AlreadyExistsError("placed");
    if (ring_->Members().empty()) return absl::FailedPreconditionError("no nodes");
    items_.push_back(std::string(item));
    return Replace(/*members_changed=*/false);
  }
  absl::StatusOr<Moves> Release(std::string_view item) override {
    if (std::erase(items_, std::string(item)) == 0) return absl::NotFoundError("not placed");
    return Replace(/*members_changed=*/false);
  }
  absl::StatusOr<std::string> NodeOf(std::string_view item) const override {
    const auto found = placed_.find(std::string(item));
    if (found == placed_.end()) return absl::NotFoundError("not placed");
    return found->second;
  }
  absl::StatusOr<std::uint64_t> Load(std::string_view node) const override {
    if (!Has(node)) return absl::NotFoundError("no member");
    return std::ranges::count(placed_, node, &Places::value_type::second);
  }
  absl::StatusOr<std::uint64_t> Capacity(std::string_view node) const override {
    if (!Has(node)) return absl::NotFoundError("no member");
    return Capacities().at(std::string(node));
  }

 protected:
  using Capacity64 = std::map<std::string, std::uint64_t>;
  virtual Capacity64 Capacities() const {
    return CapacitiesByFormula(*ring_, percent_, items_.size());
  }
  /// In which order the items come.
  virtual std::vector<std::string> Order() const {
    std::vector<std::string> order = items_;
    std::ranges::sort(order);
    return order;
  }
  virtual std::vector<std::string> Walk(const std::string& item) const {
    return ring_->PreferenceList(item, ring_->Members().size());
  }
  virtual Moves Told(Moves moves) const { return moves; }
  virtual bool Recomputes(bool members_changed) const { return true; }

  bool Has(std::string_view node) const {
    return std::ranges::count(ring_->Members(), node, &hash_ring::RingMember::name) > 0;
  }

  absl::StatusOr<Moves> Replace(bool members_changed) {
    if (!Recomputes(members_changed)) return Moves{};
    Capacity64 room = Capacities();
    Places placed;
    for (const std::string& item : Order()) {
      const std::vector<std::string> walk = Walk(item);
      const auto node =
          std::ranges::find_if(walk, [&](const auto& name) { return room[name] > 0; });
      if (node == walk.end()) return absl::ResourceExhaustedError("all nodes are full");
      --room[*node];
      placed[item] = *node;
    }
    std::map<std::string, Move> moves;
    for (const auto& [item, node] : placed_) moves[item] = {item, node, ""};
    for (const auto& [item, node] : placed)
      moves.try_emplace(item, Move{item, "", ""}).first->second.to = node;
    Moves changed;
    for (const auto& [item, move] : moves) {
      if (move.from != move.to) changed.push_back(move);
    }
    placed_ = placed;
    return Told(changed);
  }

  std::unique_ptr<HashRing> ring_;
  std::uint32_t percent_;
  std::vector<std::string> items_;  // in the order of their arrival
  Places placed_;
};

struct RoundsDown : RightBalancer {
  using RightBalancer::RightBalancer;
  Capacity64 Capacities() const override {
    Capacity64 capacities;
    for (const auto& member : ring_->Members()) {
      capacities[member.name] = percent_ * items_.size() / (100 * ring_->Members().size());
    }
    return capacities;
  }
};

struct HasOneToSpare : RightBalancer {
  using RightBalancer::RightBalancer;
  Capacity64 Capacities() const override {
    Capacity64 capacities = RightBalancer::Capacities();
    for (auto& [node, capacity] : capacities) ++capacity;
    return capacities;
  }
};

struct IgnoresTheBound : RightBalancer {
  using RightBalancer::RightBalancer;
  absl::StatusOr<Moves> Assign(std::string_view item) override {
    const auto moves = RightBalancer::Assign(item);
    if (moves.ok()) placed_[std::string(item)] = Walk(std::string(item)).front();
    return moves;
  }
};

struct CountsOnThePrimary : RightBalancer {
  using RightBalancer::RightBalancer;
  absl::StatusOr<std::uint64_t> Load(std::string_view node) const override {
    if (!Has(node)) return absl::NotFoundError("no member");
    return std::ranges::count_if(items_,
                                 [&](const auto& item) { return Walk(item).front() == node; });
  }
};

struct ServesInOrderOfArrival : RightBalancer {
  using RightBalancer::RightBalancer;
  std::vector<std::string> Order() const override { return items_; }
};

struct StaysAboveAfterAJoin : RightBalancer {
  using RightBalancer::RightBalancer;
  bool Recomputes(bool members_changed) const override {
    return !members_changed || placed_.empty() || !Has(placed_.begin()->second);
  }
};

struct TellsNothing : RightBalancer {
  using RightBalancer::RightBalancer;
  Moves Told(Moves moves) const override { return {}; }
};

struct TellsOnlyOfTheItem : RightBalancer {
  using RightBalancer::RightBalancer;
  Moves Told(Moves moves) const override {
    if (moves.size() > 1) moves.resize(1);
    return moves;
  }
};

struct SaysSorryTwice : RightBalancer {  // assigns an item again as if it were new
  using RightBalancer::RightBalancer;
  absl::StatusOr<Moves> Assign(std::string_view item) override {
    const auto moves = RightBalancer::Assign(item);
    return absl::IsAlreadyExists(moves.status()) ? absl::StatusOr<Moves>(Moves{}) : moves;
  }
};

struct BalancerCase {
  const char* scenario;
  const char* broken;
  hash_ring::BoundedLoadFactory make;
};

void PrintTo(const BalancerCase& broken, std::ostream* out) {
  *out << broken.scenario << ": " << broken.broken;
}

template <class Broken>
BalancerCase Breaks(const char* scenario, const char* statement) {
  return {
      scenario, statement,
      [](std::unique_ptr<HashRing> ring, std::uint32_t percent) -> std::unique_ptr<BoundedLoad> {
        return std::make_unique<Broken>(std::move(ring), percent);
      }};
}

class BrokenBalancerTest : public testing::TestWithParam<BalancerCase> {};

std::set<std::string> BrokenStatements(hash_ring::BoundedLoadFactory make,
                                       std::string_view scenario_name) {
  const Role role = {.name = hash_ring::kBoundedLoadRole,
                     .part = reinterpret_cast<void (*)()>(make),
                     .part_type = hash_ring::kBoundedLoadFactoryType};
  const ModuleTable module = {kAbiStamp, "hash_ring", {&role, 1}};
  std::set<std::string> broken;
  for (const Scenario& scenario : BoundedLoadScenarios()) {
    if (scenario.name != scenario_name) continue;
    for (int seed = 1; seed <= scenario.seeds; ++seed) {
      broken.insert(PlayOnce(scenario, seed, module).broken);
    }
  }
  return broken;
}

TEST_P(BrokenBalancerTest, IsCaughtWithinTheGradedSeeds) {
  const std::set<std::string> broken = BrokenStatements(GetParam().make, GetParam().scenario);
  EXPECT_TRUE(broken.contains(GetParam().broken)) << testing::PrintToString(broken);
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenBalancerTest,
    testing::Values(
        Breaks<SaysSorryTwice>("LoadsStayBounded", "bounded.answers"),
        Breaks<RoundsDown>("LoadsStayBounded", "bounded.always-placeable"),
        Breaks<RoundsDown>("LoadsStayBounded", "bounded.capacity"),
        Breaks<HasOneToSpare>("LoadsStayBounded", "bounded.capacity"),
        Breaks<IgnoresTheBound>("LoadsStayBounded", "bounded.never-above-capacity"),
        Breaks<CountsOnThePrimary>("LoadsStayBounded", "bounded.loads-count-the-items"),
        Breaks<ServesInOrderOfArrival>("ItemsFollowTheRule", "bounded.placement-rule"),
        Breaks<ServesInOrderOfArrival>("HistoryDoesNotMatter", "bounded.history-does-not-matter"),
        Breaks<TellsNothing>("ItemsFollowTheRule", "bounded.moves-are-told"),
        Breaks<TellsOnlyOfTheItem>("ItemsFollowTheRule", "bounded.moves-are-told"),
        Breaks<StaysAboveAfterAJoin>("NodesJoinAndLeave", "bounded.never-above-capacity")));

TEST(BrokenBalancerTest, TheUnbrokenOneIsRight) {
  const BalancerCase right = Breaks<RightBalancer>("", "");
  for (const Scenario& scenario : BoundedLoadScenarios()) {
    EXPECT_EQ(BrokenStatements(right.make, scenario.name), std::set<std::string>{""})
        << scenario.name;
  }
}

}  // namespace
}  // namespace quorum::grader
