#include "grader/faults/profile.h"

#include <algorithm>
#include <array>
#include <utility>

#include "grader/sim/rng.h"

namespace quorum::faults {
namespace {

using sim::Rng;
using sim::SimTime;

constexpr SimTime kMillisecond = 1'000'000;

constexpr std::array<std::pair<Profile, std::string_view>, 7> kNames = {{
    {Profile::kCalm, "calm"},
    {Profile::kLossy, "lossy"},
    {Profile::kPartitions, "partitions"},
    {Profile::kCrashes, "crashes"},
    {Profile::kDisk, "disk"},
    {Profile::kClocks, "clocks"},
    {Profile::kEverything, "everything"},
}};

/// Draws the items of one plan. Each kind of fault has a stream of its own, so that drawing more of
/// one kind leaves the others as they were.
class Drawing {
 public:
  Drawing(std::uint64_t seed, const Scope& scope, Plan& plan)
      : seed_(seed), scope_(scope), plan_(plan) {}

  void Losses() {
    Rng random(seed_, 101);
    Network& network = *plan_.mutable_network();
    network.set_max_delay_ns(random.Between(2, 20) * kMillisecond);
    network.set_drop_ppm(static_cast<std::uint32_t>(random.Between(5'000, 100'000)));
    network.set_duplicate_ppm(static_cast<std::uint32_t>(random.Between(5'000, 100'000)));
    network.set_tail_ppm(static_cast<std::uint32_t>(random.Between(5'000, 50'000)));
    network.set_tail_delay_ns(random.Between(50, 1'000) * kMillisecond);
  }

  void Cuts(int at_most) {
    Rng random(seed_, 102);
    for (std::int64_t left = random.Between(1, at_most); left > 0; --left) {
      Fault& fault = Add(random, 50 * kMillisecond, 2'000 * kMillisecond);
      switch (random.Below(4)) {
        case 0:
          DrawLink(random, *fault.mutable_link());
          break;
        case 1:
          DrawSingleCut(random, *fault.mutable_partition());
          break;
        default:
          DrawSplit(random, *fault.mutable_partition());
      }
    }
  }

  void Crashes(int at_most) {
    Rng random(seed_, 103);
    for (std::int64_t left = random.Between(1, at_most); left > 0; --left) {
      Fault& fault = Add(random, 10 * kMillisecond, 1'500 * kMillisecond);
      const NodeId victim = Victim(random);
      if (random.Below(5) == 0) {
        fault.mutable_pause()->set_node(victim);
        continue;
      }
      Crash& crash = *fault.mutable_crash();
      crash.set_node(victim);
      if (random.Below(2) == 0)
        crash.set_before_effect(1 + static_cast<std::uint32_t>(random.Below(6)));
      crash.set_power_loss(random.Below(4) == 0);
    }
  }

  void DiskTroubles(int at_most) {
    Rng random(seed_, 104);
    for (std::int64_t left = random.Between(1, at_most); left > 0; --left) {
      Disk& disk = *Add(random, 10 * kMillisecond, 1'500 * kMillisecond).mutable_disk();
      disk.set_node(Server(random));
      switch (random.Below(3)) {
        case 0:
          disk.set_full(true);
          break;
        case 1:
          disk.set_extra_fsync_ns(random.Between(1, 200) * kMillisecond);
          break;
        default:
          disk.set_fail_fsync(true);
      }
    }
  }

  void DiskLosses() {
    Rng random(seed_, 105);
    std::vector<NodeId> victims = scope_.nodes;
    for (int lost = 0; lost < scope_.may_lose_disk && !victims.empty(); ++lost) {
      if (random.Below(2) == 0) continue;
      Disk& disk = *Add(random, 10 * kMillisecond, 1'000 * kMillisecond).mutable_disk();
      const std::size_t chosen = random.Below(victims.size());
      disk.set_node(victims[chosen]);
      victims.erase(victims.begin() + static_cast<std::ptrdiff_t>(chosen));
      (random.Below(2) == 0 ? disk.set_wipe(true) : disk.set_corrupt(true));
    }
  }

  void Clocks() {
    Rng random(seed_, 106);
    const auto bound = static_cast<std::int64_t>(scope_.clock_rate_bound_ppm);
    for (const NodeId node : Everyone()) {
      Clock& clock = *plan_.add_faults()->mutable_clock();
      clock.set_node(node);
      const std::int64_t rates[] = {-bound, bound, random.Between(-bound, bound)};
      clock.set_rate_ppm(static_cast<std::int32_t>(rates[random.Below(3)]));
    }
    if (!scope_.clocks_out_of_bound) return;
    for (std::int64_t left = random.Between(1, 3); left > 0; --left) {
      Clock& clock = *Add(random, 100 * kMillisecond, 2'000 * kMillisecond).mutable_clock();
      clock.set_node(Server(random));
      if (random.Below(2) == 0) {
        clock.set_freeze(true);
      } else {
        clock.set_jump_ns(random.Between(-5'000, 20'000) * kMillisecond);
      }
    }
  }

 private:
  Fault& Add(Rng& random, SimTime shortest, SimTime longest) {
    Fault& fault = *plan_.add_faults();
    fault.set_at_ns(random.Between(0, scope_.duration * 9 / 10));
    fault.set_for_ns(random.Between(shortest, std::max(shortest, longest)));
    return fault;
  }
  std::vector<NodeId> Everyone() const {
    std::vector<NodeId> all = scope_.nodes;
    all.insert(all.end(), scope_.clients.begin(), scope_.clients.end());
    return all;
  }
  NodeId Server(Rng& random) const { return scope_.nodes[random.Below(scope_.nodes.size())]; }
  NodeId Victim(Rng& random) const {
    const std::vector<NodeId> all = scope_.clients_crash ? Everyone() : scope_.nodes;
    return all[random.Below(all.size())];
  }
  /// Two different nodes, of which one is a server.
  std::pair<NodeId, NodeId> Pair(Rng& random) const {
    const std::vector<NodeId> all = Everyone();
    const NodeId one = Server(random);
    NodeId other = one;
    while (other == one && all.size() > 1) other = all[random.Below(all.size())];
    return random.Below(2) == 0 ? std::pair{one, other} : std::pair{other, one};
  }
  void DrawLink(Rng& random, Link& link) const {
    const auto [from, to] = Pair(random);
    link.set_from(from);
    link.set_to(to);
    switch (random.Below(3)) {
      case 0:
        link.set_extra_delay_ns(random.Between(5, 300) * kMillisecond);
        break;
      case 1:
        link.set_flap_ns(random.Between(5, 200) * kMillisecond);
        break;
      default:
        link.set_bytes_per_second(random.Between(10'000, 1'000'000));
    }
  }
  void DrawSingleCut(Rng& random, Partition& cut) const {
    const auto [from, to] = Pair(random);
    cut.add_from(from);
    cut.add_to(to);
    cut.set_one_way(random.Below(2) == 0);
  }
  void DrawSplit(Rng& random, Partition& cut) const {
    for (const NodeId node : Everyone()) {
      (random.Below(2) == 0 ? cut.add_from(node) : cut.add_to(node));
    }
    cut.set_one_way(random.Below(3) == 0);
  }

  std::uint64_t seed_;
  const Scope& scope_;
  Plan& plan_;
};

}  // namespace

std::string_view NameOf(Profile profile) {
  for (const auto& [known, name] : kNames) {
    if (known == profile) return name;
  }
  return "calm";
}

std::optional<Profile> ProfileOf(std::string_view name) {
  for (const auto& [profile, known] : kNames) {
    if (known == name) return profile;
  }
  return std::nullopt;
}

Plan DrawPlan(Profile profile, std::uint64_t seed, const Scope& scope) {
  Plan plan;
  plan.set_seed(seed);
  plan.set_profile(std::string(NameOf(profile)));
  plan.set_heal_after_ns(scope.duration);
  plan.mutable_network()->set_min_delay_ns(kMillisecond / 5);
  plan.mutable_network()->set_max_delay_ns(2 * kMillisecond);
  Drawing drawing(seed, scope, plan);
  const bool everything = profile == Profile::kEverything;
  if (everything || profile == Profile::kLossy) drawing.Losses();
  if (everything || profile == Profile::kPartitions) drawing.Cuts(everything ? 3 : 6);
  if (everything || profile == Profile::kCrashes) drawing.Crashes(everything ? 4 : 8);
  if (profile == Profile::kDisk) drawing.Crashes(3);
  if (everything || profile == Profile::kDisk) drawing.DiskTroubles(everything ? 3 : 5);
  if (everything || profile == Profile::kDisk) drawing.DiskLosses();
  if (everything || profile == Profile::kClocks) drawing.Clocks();
  plan.set_faults_drawn(true);
  return plan;
}

}  // namespace quorum::faults
