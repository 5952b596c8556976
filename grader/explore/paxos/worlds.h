#pragma once

#include <vector>

#include "grader/explore/world_spec.h"

namespace quorum::explore::paxos {

/// Small worlds of lab 2.
std::vector<WorldSpec> Worlds();

}  // namespace quorum::explore::paxos
