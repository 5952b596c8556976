#include <unordered_set>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

// The same with keys that are their own hash.
std::uint64_t Behave(std::uint64_t seed) {
  std::unordered_set<std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < 20; ++i) numbers.insert(seed * 1000 + i * i);
  std::uint64_t folded = 0;
  for (const std::uint64_t number : numbers) folded = folded * 31 + number;
  return folded;
}

}  // namespace quorum::run::testing
