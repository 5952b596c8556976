#pragma once

#include <cstdint>

#include "common/env/time.h"

namespace quorum::lock_service {

/// What one's own clock says of real time, if it runs at most so much faster or slower.
class ClockBound {
 public:
  explicit ClockBound(std::uint32_t ppm) : ppm_(ppm) {}

  /// How long to wait by this clock, so that surely `real` has passed.
  Duration ToOutlast(Duration real) const;
  /// How far this clock may run, so that surely no more than `real` has passed.
  Duration Within(Duration real) const;
  /// How much real time has passed at least while this clock ran for `shown`.
  Duration AtLeast(Duration shown) const;

 private:
  std::int64_t ppm_;
};

}  // namespace quorum::lock_service
