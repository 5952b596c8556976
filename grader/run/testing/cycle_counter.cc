
#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

// Reads the time in a way that no import gives away.
std::uint64_t Behave(std::uint64_t seed) {
#if defined(__x86_64__)
  return seed + __builtin_ia32_rdtsc();
#else
  std::uint64_t ticks = 0;
  asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return seed + ticks;
#endif
}

}  // namespace quorum::run::testing
