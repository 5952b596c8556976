#pragma once

#include <vector>

#include "grader/explore/world_spec.h"

namespace quorum::explore::raft {

/// The small worlds of lab 3: elections, and logs that are left behind.
std::vector<WorldSpec> Worlds();

}  // namespace quorum::explore::raft
