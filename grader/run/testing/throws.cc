#include <stdexcept>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

std::uint64_t Behave(std::uint64_t seed) {
  if (seed == kBadSeed) throw std::runtime_error("thrown by the test");
  return seed;
}

}  // namespace quorum::run::testing
