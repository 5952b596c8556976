#include <memory>
#include <vector>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

std::uint64_t Behave(std::uint64_t seed) {
  std::vector<std::unique_ptr<char[]>> kept;
  while (seed == kBadSeed) kept.push_back(std::make_unique<char[]>(100 << 20));
  return seed;
}

}  // namespace quorum::run::testing
