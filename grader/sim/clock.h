#pragma once

#include <algorithm>

#include "common/env/time.h"
#include "grader/sim/event_queue.h"

namespace quorum::sim {

/// One machine's clock: virtual time at its own rate. Every boot of every node begins with another
/// reading, so nobody can compare readings of two nodes and get away with it.
class Clock {
 public:
  explicit Clock(SimTime reading = 0) : base_reading_(reading) {}

  Time Read(SimTime now) const { return Time(Duration(Reading(now))); }

  /// When, in virtual time, the clock will show at least `reading`; never before `now`.
  SimTime When(Time reading, SimTime now) const {
    const SimTime remaining = reading.time_since_epoch().count() - Reading(now);
    if (remaining <= 0) return now;
    if (frozen_) return now + kFarAway;
    const auto scaled = static_cast<__int128>(remaining) * kMillion;
    return now + static_cast<SimTime>((scaled + Rate() - 1) / Rate());
  }

  /// From `now` on runs `ppm` parts in a million faster than virtual time, or slower.
  void SetRate(SimTime now, std::int32_t ppm) {
    Rebase(now);
    rate_ppm_ = ppm;
  }
  /// A fault out of bound: the reading changes by `by` at once.
  void Jump(SimTime now, SimTime by) {
    Rebase(now);
    base_reading_ += by;
  }
  /// A fault out of bound: the reading stands still until it is thawed.
  void SetFrozen(SimTime now, bool frozen) {
    Rebase(now);
    frozen_ = frozen;
  }

 private:
  static constexpr SimTime kMillion = 1'000'000;
  static constexpr SimTime kFarAway = 1'000'000'000'000'000;

  SimTime Rate() const { return kMillion + rate_ppm_; }
  SimTime Reading(SimTime now) const {
    if (frozen_) return base_reading_;
    const auto scaled = static_cast<__int128>(now - base_time_) * Rate();
    return base_reading_ + static_cast<SimTime>(scaled / kMillion);
  }
  void Rebase(SimTime now) {
    base_reading_ = Reading(now);
    base_time_ = now;
  }

  SimTime base_time_ = 0;
  SimTime base_reading_;
  std::int32_t rate_ppm_ = 0;
  bool frozen_ = false;
};

}  // namespace quorum::sim
