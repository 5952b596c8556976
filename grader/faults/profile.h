#pragma once

#include <optional>
#include <string_view>

namespace quorum::faults {

/// A kind of bad day in the machine room, from which a seed draws a fault plan.
enum class Profile {
  kCalm,        ///< small delays, and nothing else
  kLossy,       ///< messages are dropped, repeated, reordered, and delayed for long
  kPartitions,  ///< links are cut, one way or both, slow, or flapping
  kCrashes,     ///< processes die, also inside a handler, and restart; some are paused
  kDisk,        ///< disks lose what was not synced, are full or slow
  kClocks,      ///< clocks run at the ends of the declared bound
  kEverything,  ///< all of these at once
};

/// The profile's name as the command line has it, for example "lossy".
std::string_view NameOf(Profile profile);

/// The profile of that name; nothing when there is none.
std::optional<Profile> ProfileOf(std::string_view name);

}  // namespace quorum::faults
