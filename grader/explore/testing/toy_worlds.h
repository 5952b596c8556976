#pragma once

#include <cstdint>
#include <vector>

#include "common/env/module.h"
#include "grader/explore/world_spec.h"

namespace quorum::explore::toy {

/// A world of toy nodes.
struct ToyOptions {
  std::uint32_t nodes = 3;
  std::uint32_t proposers = 2;  ///< nodes 1, 2, ... whose clients propose "x", "y", "z"
  std::uint32_t ballots = 1;    ///< of each proposer
  std::uint32_t bugs = 0;
  Budgets budgets = {};
  std::uint32_t given = 0;  ///< so many of the nodes, the last ones, are the grader's own
};

/// With the rules of agreement and validity.
WorldSpec MakeToyWorld(const ToyOptions& options);

/// A factory for each node of `spec`.
std::vector<NodeFactory> ToyFactories(const WorldSpec& spec);

}  // namespace quorum::explore::toy
