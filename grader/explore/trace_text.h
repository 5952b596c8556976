#pragma once

#include <string>
#include <vector>

#include "grader/explore/space.h"

namespace quorum::explore {

/// What led to `state`, one string an event: what happens, and on lines below what the node does.
/// The histories of the nodes are told in one order in which all of it can happen.
std::vector<std::string> TraceTo(Space& space, const State& state);

/// What the node of the history `local` has met, and `event`, which it meets next.
std::vector<std::string> HistoryBefore(Space& space, std::uint32_t local, std::uint32_t event);

/// How many events lie between the boots of all nodes and `state`.
std::size_t EventsTo(Space& space, const State& state);

}  // namespace quorum::explore
