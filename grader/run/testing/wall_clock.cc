#include <chrono>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

std::uint64_t Behave(std::uint64_t seed) {
  return seed + std::chrono::system_clock::now().time_since_epoch().count();
}

}  // namespace quorum::run::testing
