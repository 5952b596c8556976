#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/env/time.h"
#include "grader/faults/plan.pb.h"
#include "grader/sim/event_queue.h"

namespace quorum::faults {

/// A kind of bad day in the machine room, from which a seed draws a fault plan.
enum class Profile {
  kCalm,        ///< small delays, and nothing else
  kLossy,       ///< messages are dropped, repeated, reordered, and delayed for long
  kPartitions,  ///< links are cut, one way or both, slow, or flapping
  kCrashes,     ///< processes die, also inside a handler, and restart; some are paused
  kDisk,        ///< disks are full, slow, or fail an fsync; crashes lose what was not synced
  kClocks,      ///< clocks run at the ends of the declared bound
  kEverything,  ///< all of these at once
};

/// The profile's name as the command line has it, for example "lossy".
std::string_view NameOf(Profile profile);

/// The profile of that name; nothing when there is none.
std::optional<Profile> ProfileOf(std::string_view name);

/// What faults may hit.
struct Scope {
  std::vector<NodeId> nodes;    ///< servers: every fault may hit these
  std::vector<NodeId> clients;  ///< their links, and their processes if `clients_crash`
  bool clients_crash = false;
  sim::SimTime duration = 0;  ///< all faults are over after this long
  int may_lose_disk = 0;      ///< how many of `nodes` may be wiped or corrupted in one run
  std::uint32_t clock_rate_bound_ppm = 1000;
  bool clocks_out_of_bound = false;  ///< whether clocks may jump and freeze
};

/// The plan that `seed` draws from `profile`. The same arguments give the same plan everywhere.
Plan DrawPlan(Profile profile, std::uint64_t seed, const Scope& scope);

}  // namespace quorum::faults
