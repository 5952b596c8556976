#include "common/env/env.h"

#include "common/env/check.h"

namespace quorum {

std::uint64_t Env::RandomBelow(std::uint64_t bound) {
  Check(bound > 0, "A random number is drawn below a positive bound.");
  // Numbers below 2^64 mod bound would make the low results more likely: draw again.
  const std::uint64_t unfair = -bound % bound;
  std::uint64_t drawn = Random();
  while (drawn < unfair) drawn = Random();
  return drawn % bound;
}

Duration Env::RandomBetween(Duration low, Duration high) {
  Check(low <= high, "A random duration is drawn from a range that is not empty.");
  const auto span = static_cast<std::uint64_t>((high - low).count());
  return low + Duration(static_cast<Duration::rep>(RandomBelow(span + 1)));
}

}  // namespace quorum
