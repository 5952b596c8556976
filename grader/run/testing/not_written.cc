#include "common/env/not_written.h"

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

std::uint64_t Behave(std::uint64_t seed) {
  if (seed == kBadSeed) NotWritten("Return the seed (handout, step 1).");
  return seed;
}

}  // namespace quorum::run::testing
