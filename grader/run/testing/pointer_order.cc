#include <memory>
#include <set>
#include <vector>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

// The order of the objects in memory decides.
std::uint64_t Behave(std::uint64_t seed) {
  std::vector<std::unique_ptr<std::uint64_t>> objects;
  std::set<const std::uint64_t*> by_address;
  for (std::uint64_t i = 0; i < 20; ++i) {
    objects.push_back(std::make_unique<std::uint64_t>(seed + i));
    by_address.insert(objects.back().get());
  }
  std::uint64_t folded = 0;
  for (const std::uint64_t* object : by_address) folded = folded * 31 + *object;
  return folded;
}

}  // namespace quorum::run::testing
