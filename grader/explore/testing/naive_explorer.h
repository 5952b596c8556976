#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "common/env/module.h"
#include "grader/explore/world_spec.h"

namespace quorum::explore {

/// What NaiveExplore has found.
struct NaiveResult {
  std::uint64_t states = 0;
  std::uint32_t depth = 0;           ///< events to the farthest state
  std::set<std::string> details;     ///< what rules have said, over all states
  std::uint32_t nearest_breach = 0;  ///< events to it; 0: there is none
};

/// Explores all of a small world in the plainest way: every state is made by reliving the history
/// of each of its nodes, and named by everything that it consists of, written out. States in which
/// something is wrong are not left. Shares `Replica` with the explorer that it tests, and nothing
/// else.
NaiveResult NaiveExplore(const WorldSpec& spec, const std::vector<NodeFactory>& factories);

}  // namespace quorum::explore
