#include <vector>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

// Writes behind the end of an array.
std::uint64_t Behave(std::uint64_t seed) {
  std::vector<std::uint64_t> numbers(4, seed);
  std::uint64_t* volatile begin = numbers.data();
  if (seed == kBadSeed) begin[5] = seed;
  return numbers[0];
}

}  // namespace quorum::run::testing
