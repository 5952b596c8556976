
#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

std::uint64_t Behave(std::uint64_t seed) {
  std::uint64_t* volatile pointer = seed == kBadSeed ? nullptr : &seed;
  return *pointer;
}

}  // namespace quorum::run::testing
