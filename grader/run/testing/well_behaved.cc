
#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {

std::uint64_t Behave(std::uint64_t seed) { return seed; }

}  // namespace quorum::run::testing
