#include <string>
#include <unordered_map>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

// The order of an unordered container decides.
std::uint64_t Behave(std::uint64_t seed) {
  std::unordered_map<std::string, std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < 20; ++i) numbers[std::to_string(seed + i)] = i;
  std::uint64_t folded = 0;
  for (const auto& [text, number] : numbers) folded = folded * 31 + number;
  return folded;
}

}  // namespace quorum::run::testing
