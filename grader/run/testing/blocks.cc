#include <mutex>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

std::uint64_t Behave(std::uint64_t seed) {
  std::mutex mutex;
  mutex.lock();
  if (seed == kBadSeed) mutex.lock();
  mutex.unlock();
  return seed;
}

}  // namespace quorum::run::testing
