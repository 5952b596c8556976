#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/env/module.h"
#include "grader/explore/world_spec.h"

namespace quorum::explore {

/// Every world of every lab, in the order of the handouts.
const std::vector<WorldSpec>& AllWorlds();

/// The factories of a world's nodes; NOT_FOUND: the module does not offer a role.
absl::StatusOr<std::vector<NodeFactory>> FactoriesFor(const WorldSpec& spec,
                                                      const ModuleTable& module);

}  // namespace quorum::explore
