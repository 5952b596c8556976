#include <string>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

std::uint64_t Behave(std::uint64_t seed) {
  static std::string remembered;
  remembered += "x";
  return seed + remembered.size();
}

}  // namespace quorum::run::testing
