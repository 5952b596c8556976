#include "common/env/check.h"
#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

// What it says is no UTF-8.
std::uint64_t Behave(std::uint64_t seed) {
  Check(seed != kBadSeed, "The seed is \xff\xfe.");
  return seed;
}

}  // namespace quorum::run::testing
