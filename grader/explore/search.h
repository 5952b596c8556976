#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "grader/explore/space.h"

namespace quorum::explore {

/// Where a search stops.
struct Limits {
  std::uint64_t states = 5'000'000;
  std::uint32_t depth = 1'000'000;           ///< events from the start
  std::size_t bytes = std::size_t{1} << 29;  ///< of one layer
};

/// What a breadth-first search came to.
struct Coverage {
  std::uint64_t states = 0;       ///< different ones that were judged
  std::uint64_t transitions = 0;  ///< ways from one to another that were tried
  std::uint32_t depth = 0;        ///< of the last layer
  bool exhausted = false;         ///< there are no other states within the world's bounds
  std::optional<State> broken;    ///< the nearest state in which something is wrong
};

/// Visits the states that can be reached from `start`, nearest first, until one is broken.
Coverage SearchBreadthFirst(Space& space, const State& start, const Limits& limits);

/// What random walks came to.
struct Walks {
  std::uint64_t walks = 0;
  std::uint64_t steps = 0;
  std::optional<State> broken;
  std::vector<Action> path;  ///< that led to `broken`, from the start
};

/// Walks from `start` at random, `count` times, until nothing more may happen or something is
/// wrong. Faults that are still in the budget happen about once in eight steps.
Walks WalkAtRandom(Space& space, const State& start, std::uint64_t count, std::uint32_t depth,
                   std::uint64_t seed);

/// Leaves out of `path`, which leads from `start` to a broken state, whatever is not needed to be
/// broken; sets `broken` to where it then leads.
void Shorten(Space& space, const State& start, std::vector<Action>& path, State& broken);

}  // namespace quorum::explore
