#include "common/env/check.h"
#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

/// Fails a check with the bad seed, and crashes with the next one.
std::uint64_t Behave(std::uint64_t seed) {
  Check(seed != kBadSeed, "The seed is a good one.");
  std::uint64_t* volatile pointer = seed == kBadSeed + 1 ? nullptr : &seed;
  return *pointer;
}

}  // namespace quorum::run::testing
