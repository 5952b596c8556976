#pragma once

#include <chrono>

#include "common/env/time.h"

namespace quorum {

/// This machine's CLOCK_MONOTONIC: never set, and the same for every process of one boot.
inline Time MonotonicNow() {
  static_assert(std::chrono::steady_clock::is_steady);
  return Time(std::chrono::steady_clock::now().time_since_epoch());
}

/// `delay` after `now`, or as late as a `Time` can be. A negative delay counts as none.
inline Time AddSaturating(Time now, Duration delay) {
  if (delay <= Duration::zero()) return now;
  return delay > Time::max() - now ? Time::max() : now + delay;
}

}  // namespace quorum
