
#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

__attribute__((noinline)) std::uint64_t Recur(std::uint64_t seed, volatile std::uint64_t* outer) {
  volatile std::uint64_t inner = *outer + 1;
  return seed == kBadSeed ? Recur(seed, &inner) + inner : inner;
}

std::uint64_t Behave(std::uint64_t seed) { return Recur(seed, &seed); }

}  // namespace quorum::run::testing
