#pragma once

#include <string>
#include <vector>

#include "grader/explore/space.h"

namespace quorum::explore {

/// What led to `state`, one string an event: what happens, and on lines below what the node does.
/// The histories of the nodes are told in one order in which all of it can happen.
std::vector<std::string> TraceTo(Space& space, const State& state);

/// How many events lie between the boots of all nodes and `state`.
std::size_t EventsTo(Space& space, const State& state);

}  // namespace quorum::explore
