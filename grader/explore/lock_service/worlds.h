#pragma once

#include <vector>

#include "grader/explore/world_spec.h"

namespace quorum::explore::locks {

/// Small worlds of lab 4.
std::vector<WorldSpec> Worlds();

}  // namespace quorum::explore::locks
