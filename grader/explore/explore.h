#pragma once

#include <optional>
#include <vector>

#include "grader/explore/exploration.pb.h"
#include "grader/explore/search.h"

namespace quorum::explore {

/// How far to go; what is not given is as the world says.
struct ExploreOptions {
  std::optional<std::uint64_t> states = {};
  std::optional<std::uint32_t> depth = {};
  std::optional<std::uint64_t> walks = {};
  std::uint64_t seed = 1;  ///< of the walks
  Probe* probe = nullptr;
};

/// Explores a world, in this process: drives it to where its directions lead, walks at random, and
/// searches breadth first until everything is judged, a limit is reached, or something is wrong.
Exploration Explore(const WorldSpec& spec, const std::vector<NodeFactory>& factories,
                    const ExploreOptions& options = {});

}  // namespace quorum::explore
