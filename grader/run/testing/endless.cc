
#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

std::uint64_t Behave(std::uint64_t seed) {
  volatile bool forever = seed == kBadSeed;
  while (forever) {
  }
  return seed;
}

}  // namespace quorum::run::testing
