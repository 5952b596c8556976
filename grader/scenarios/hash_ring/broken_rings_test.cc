// Each promise of part 1A is broken on purpose, and must be missed under its own name.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "grader/scenarios/hash_ring/hash_ring_scenarios.h"
#include "grader/scenarios/hash_ring/playing.h"
#include "grader/scenarios/hash_ring/ring_model.h"

namespace quorum::grader {
namespace {

using hash_ring::HashRing;
using hash_ring::RingMember;
using hash_ring::RingOptions;
using hash_ring::Scheme;
using Names = std::vector<std::string>;

/// A right ring, of which each broken one changes a single answer.
class RightRing : public HashRing {
 public:
  explicit RightRing(const RingOptions& options) : options_(options), right_(options) {}

  absl::Status Add(std::string_view name, std::uint32_t weight) override {
    return right_.Add(name, weight);
  }
  absl::Status Remove(std::string_view name) override { return right_.Remove(name); }
  absl::StatusOr<std::string> Owner(std::string_view key) const override {
    return right_.size() == 0 ? right_.Owner(key) : OwnerOf(key, right_.PositionOf(key));
  }
  Names PreferenceList(std::string_view key, std::size_t n) const override {
    return right_.PreferenceList(key, n);
  }
  std::vector<RingMember> Members() const override { return right_.Members(); }

 protected:
  /// In a ring with members.
  virtual std::string OwnerOf(std::string_view key, std::uint64_t position) const {
    return right_.FirstPoint(position).second;
  }

  RingOptions options_;
  RingModel right_;
};

struct WelcomesTwice : RightRing {
  using RightRing::RightRing;
  absl::Status Add(std::string_view name, std::uint32_t weight) override {
    const absl::Status status = RightRing::Add(name, weight);
    return absl::IsAlreadyExists(status) ? absl::OkStatus() : status;
  }
};

struct TakesAnyWeight : RightRing {
  using RightRing::RightRing;
  absl::Status Add(std::string_view name, std::uint32_t weight) override {
    return RightRing::Add(name, std::max(weight, 1u));
  }
};

struct GoesPastThePoint : RightRing {
  using RightRing::RightRing;
  std::string OwnerOf(std::string_view key, std::uint64_t position) const override {
    return right_.FirstPoint(position + 1).second;
  }
};

struct DoesNotWrap : RightRing {
  using RightRing::RightRing;
  std::string OwnerOf(std::string_view key, std::uint64_t position) const override {
    const RingModel::Point& point = right_.FirstPoint(position);
    return point.first < position ? right_.Members().front().name : point.second;
  }
};

struct CountsPositionsSigned : RightRing {
  using RightRing::RightRing;
  std::string OwnerOf(std::string_view key, std::uint64_t position) const override {
    return right_.FirstPoint(position >> 63 ? -position : position).second;  // abs()
  }
};

struct RemembersLookups : RightRing {
  using RightRing::RightRing;
  std::string OwnerOf(std::string_view key, std::uint64_t position) const override {
    const auto [known, is_new] = known_.try_emplace(std::string(key), "");
    if (is_new || !right_.Has(known->second)) known->second = RightRing::OwnerOf(key, position);
    return known->second;
  }
  mutable std::map<std::string, std::string> known_;
};

struct SplitsTheKeysAnew : RightRing {  // hash modulo number of nodes
  using RightRing::RightRing;
  std::string OwnerOf(std::string_view key, std::uint64_t position) const override {
    return right_.Members()[position % right_.size()].name;
  }
};

struct LaterPointWins : RightRing {
  using RightRing::RightRing;
  absl::Status Add(std::string_view name, std::uint32_t weight) override {
    const absl::Status status = RightRing::Add(name, weight);
    if (!status.ok()) return status;
    auto single = std::make_unique<RingModel>(options_);
    single->Add(name, weight).IgnoreError();
    singles_.emplace_back(name, std::move(single));
    return status;
  }
  absl::Status Remove(std::string_view name) override {
    std::erase_if(singles_, [&](const auto& single) { return single.first == name; });
    return RightRing::Remove(name);
  }
  std::string OwnerOf(std::string_view key, std::uint64_t position) const override {
    std::uint64_t nearest = std::numeric_limits<std::uint64_t>::max();
    std::string owner;
    for (const auto& [name, single] : singles_) {
      const std::uint64_t distance = single->FirstPoint(position).first - position;
      if (distance <= nearest) {
        nearest = distance;
        owner = name;
      }
    }
    return owner;
  }
  std::vector<std::pair<std::string, std::unique_ptr<RingModel>>> singles_;
};

struct HasFewPoints : RightRing {
  explicit HasFewPoints(RingOptions options) : RightRing((options.points_per_unit = 2, options)) {}
};

struct IgnoresWeights : RightRing {
  using RightRing::RightRing;
  absl::Status Add(std::string_view name, std::uint32_t weight) override {
    const absl::Status status = RightRing::Add(name, weight);
    if (status.ok()) even_.Add(name, 1).IgnoreError();
    return status;
  }
  std::string OwnerOf(std::string_view key, std::uint64_t position) const override {
    return even_.FirstPoint(position).second;
  }
  RingModel even_{options_};
};

struct RepeatsNodes : RightRing {
  using RightRing::RightRing;
  Names PreferenceList(std::string_view key, std::size_t n) const override {
    Names list;
    std::uint64_t position = right_.PositionOf(key);
    while (list.size() < std::min(n, right_.size())) {
      const RingModel::Point& point = right_.FirstPoint(position);
      list.push_back(point.second);
      position = point.first + 1;
    }
    return list;
  }
};

struct PadsLists : RightRing {
  using RightRing::RightRing;
  Names PreferenceList(std::string_view key, std::size_t n) const override {
    Names list = right_.PreferenceList(key, n);
    if (!list.empty() && list.size() < n) list.push_back(list.front());
    return list;
  }
};

struct SortsLists : RightRing {
  using RightRing::RightRing;
  Names PreferenceList(std::string_view key, std::size_t n) const override {
    Names list = right_.PreferenceList(key, n);
    std::ranges::sort(list);
    return list;
  }
};

struct SpreadsTakeOvers : RightRing {  // turns what follows the owner by the number of members
  using RightRing::RightRing;
  Names PreferenceList(std::string_view key, std::size_t n) const override {
    Names list = right_.PreferenceList(key, right_.size());
    if (list.size() > 2)
      std::rotate(list.begin() + 1, list.begin() + 1 + right_.size() % 2, list.end());
    list.resize(std::min(n, list.size()));
    return list;
  }
};

struct ReadsDigestsBigEndian : RightRing {
  using RightRing::RightRing;
  std::string OwnerOf(std::string_view key, std::uint64_t position) const override {
    if (options_.scheme != Scheme::kKetama) return RightRing::OwnerOf(key, position);
    return right_.FirstPoint(__builtin_bswap32(static_cast<std::uint32_t>(position))).second;
  }
};

struct Case {
  const char* scenario;
  const char* broken;
  hash_ring::RingFactory make;
};

void PrintTo(const Case& broken, std::ostream* out) {
  *out << broken.scenario << ": " << broken.broken;
}

template <class Broken>
Case Broke(const char* scenario, const char* statement) {
  return {scenario, statement, [](const RingOptions& options) -> std::unique_ptr<HashRing> {
            return std::make_unique<Broken>(options);
          }};
}

class BrokenRingTest : public testing::TestWithParam<Case> {};

TEST_P(BrokenRingTest, IsCaughtWithinTheGradedSeeds) {
  const Role role = {.name = hash_ring::kRingRole,
                     .part = reinterpret_cast<void (*)()>(GetParam().make),
                     .part_type = hash_ring::kRingFactoryType};
  const ModuleTable module = {kAbiStamp, "hash_ring", {&role, 1}};
  std::set<std::string> broken;
  for (const Scenario& scenario : RingScenarios()) {
    if (std::string_view(scenario.name) != GetParam().scenario) continue;
    for (int seed = 1; seed <= scenario.seeds; ++seed) {
      broken.insert(PlayOnce(scenario, seed, module).broken);
    }
  }
  EXPECT_TRUE(broken.contains(GetParam().broken)) << testing::PrintToString(broken);
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenRingTest,
    testing::Values(Broke<WelcomesTwice>("MembersComeAndGo", "ring.answers"),
                    Broke<TakesAnyWeight>("MembersComeAndGo", "ring.answers"),
                    Broke<GoesPastThePoint>("FirstPointClockwise", "ring.first-point-clockwise"),
                    Broke<DoesNotWrap>("FirstPointClockwise", "ring.first-point-clockwise"),
                    Broke<CountsPositionsSigned>("FirstPointClockwise",
                                                 "ring.first-point-clockwise"),
                    Broke<RemembersLookups>("LookupsFollowChanges", "ring.first-point-clockwise"),
                    Broke<SplitsTheKeysAnew>("OnlyItsKeysMove", "ring.only-its-keys-move"),
                    Broke<RemembersLookups>("OnlyItsKeysMove", "ring.members-alone-decide"),
                    Broke<LaterPointWins>("CollidingPoints", "ring.members-alone-decide"),
                    Broke<HasFewPoints>("EvenShares", "ring.even-shares"),
                    Broke<IgnoresWeights>("EvenShares", "ring.even-shares"),
                    Broke<IgnoresWeights>("LightAndHeavy", "ring.even-shares"),
                    Broke<RepeatsNodes>("PreferenceLists", "ring.distinct-nodes-clockwise"),
                    Broke<PadsLists>("PreferenceLists", "ring.distinct-nodes-clockwise"),
                    Broke<SortsLists>("PreferenceLists", "ring.distinct-nodes-clockwise"),
                    Broke<SpreadsTakeOvers>("PreferenceLists", "ring.lists-keep-their-order"),
                    Broke<ReadsDigestsBigEndian>("KetamaRoutes", "ring.ketama-compatible"),
                    Broke<LaterPointWins>("KetamaCollision", "ring.members-alone-decide")));

}  // namespace
}  // namespace quorum::grader
