#include <vector>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

std::uint64_t Unwind(std::uint64_t seed) noexcept {
  const std::vector<std::uint64_t> one = {seed};
  return one.at(seed == kBadSeed ? 1 : 0);
}

std::uint64_t Behave(std::uint64_t seed) { return Unwind(seed); }

}  // namespace quorum::run::testing
