#include <cstdlib>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

std::uint64_t Behave(std::uint64_t seed) {
  if (seed == kBadSeed) std::quick_exit(0);
  return seed;
}

}  // namespace quorum::run::testing
