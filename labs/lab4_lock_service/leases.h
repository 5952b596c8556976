#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "labs/lab4_lock_service/clock_bound.h"

namespace quorum::lock_service {

/// What a master has promised: until when, by its own clock, each session lives (section 2.8). It
/// dies with the mastership.
class Leases {
 public:
  explicit Leases(ClockBound bound) : bound_(bound) {}

  /// Promises `session` to live for `length` of real time from `from` on; a longer promise stays.
  /// One whose lease is over gets no other.
  void Promise(std::uint64_t session, Time from, Duration length);
  /// Until when this session lives; nothing: its lease is over, or it is not known.
  std::optional<Time> Until(std::uint64_t session) const;
  /// The session has ended.
  void Forget(std::uint64_t session);
  /// The sessions whose lease is over by `now`, each told once.
  std::vector<std::uint64_t> TakeOver(Time now);
  /// When the next one is over.
  std::optional<Time> Next() const;
  void Clear();

 private:
  ClockBound bound_;
  std::map<std::uint64_t, Time> until_;
  std::set<std::pair<Time, std::uint64_t>> order_;  // the same
  std::set<std::uint64_t> over_;
};

}  // namespace quorum::lock_service
