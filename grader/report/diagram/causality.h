#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "grader/sim/trace.h"

namespace quorum::report {

/// What could have caused what in a run (Lamport, "Time, clocks, and the ordering of events in a
/// distributed system", 1978): what happens at a node follows what happened there before, also
/// before a crash, since its disk remembers; a delivery follows its sending; and what has no node,
/// a fault or a word of the scenario, follows nothing.
class Causality {
 public:
  static constexpr std::size_t kNone = ~std::size_t{0};

  explicit Causality(const sim::Trace& trace);

  /// The record before `record` at the same node, or kNone.
  std::size_t Before(std::size_t record) const { return before_[record]; }
  /// Of a delivery, the record of its sending; of a timeout, that of its request; of an error that
  /// nobody has sent, since the peer is dead, its death. Otherwise kNone.
  std::size_t Sending(std::size_t record) const { return sending_[record]; }

  /// For each record, whether one of `ends` is it or could have been caused by it.
  std::vector<bool> PastOf(const std::vector<std::size_t>& ends) const;

 private:
  std::vector<std::size_t> before_;
  std::vector<std::size_t> sending_;
};

/// How many events of each node lie in the past of an event, itself included (Fidge; Mattern 1988).
using VectorClock = std::map<NodeId, std::uint64_t>;

/// The clocks of those records of `trace` that `counts` selects, in their order; what it does not
/// select still carries causes on.
std::vector<VectorClock> VectorClocks(const sim::Trace& trace, const Causality& causality,
                                      const std::vector<bool>& counts);

}  // namespace quorum::report
