#pragma once

#include "grader/sim/event_queue.h"

namespace quorum::grader {

inline constexpr sim::SimTime kMillisecond = 1'000'000;
inline constexpr sim::SimTime kSecond = 1'000 * kMillisecond;

}  // namespace quorum::grader
