#pragma once

#include <string>

#include "grader/explore/explore.h"

namespace quorum::explore {

/// Explores a world in a process of its own, which loads the module at `module`. However that
/// process ends, what comes back says so.
Exploration ExploreIsolated(const WorldSpec& spec, const std::string& module,
                            const ExploreOptions& options);

}  // namespace quorum::explore
