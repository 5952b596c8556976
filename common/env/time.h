#pragma once

#include <chrono>
#include <cstdint>

namespace quorum {

/// A length of time. Write `50ms` or `2s` after `using namespace std::chrono_literals`.
using Duration = std::chrono::nanoseconds;

/// The clock of one node. It never goes backwards on a healthy machine, it says nothing about the
/// clocks of other nodes, and only `Env::Now` reads it: it has no `now()` of its own.
struct NodeClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<NodeClock>;
  static constexpr bool is_steady = true;
};

/// A reading of one node's clock. Only differences between readings of the same boot mean anything.
using Time = NodeClock::time_point;

/// Identifies a node within its cluster; 0 is never a node.
using NodeId = std::uint32_t;

}  // namespace quorum
