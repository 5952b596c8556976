#include <ctime>
#include <memory>
#include <vector>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

// So slowly, by its own CPU time, that the time which a handler has is over before its memory is.
std::uint64_t Behave(std::uint64_t seed) {
  constexpr std::clock_t kPause = CLOCKS_PER_SEC / 10;
  std::vector<std::unique_ptr<char[]>> kept;
  for (std::clock_t next = 0; seed == kBadSeed;) {
    if (std::clock() < next) continue;
    kept.push_back(std::make_unique<char[]>(20 << 20));
    next = std::clock() + kPause;
  }
  return seed;
}

}  // namespace quorum::run::testing
