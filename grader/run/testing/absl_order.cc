#include <string>

#include "absl/container/flat_hash_set.h"
#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

// The order of an absl container, which follows from addresses, decides.
std::uint64_t Behave(std::uint64_t seed) {
  absl::flat_hash_set<std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < 20; ++i) numbers.insert(seed + i);
  std::uint64_t folded = 0;
  for (const std::uint64_t number : numbers) folded = folded * 31 + number;
  return folded;
}

}  // namespace quorum::run::testing
