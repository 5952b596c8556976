#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "grader/check/linearizability/configuration_set.h"
#include "grader/check/linearizability/under_way.h"

namespace quorum::check {

/// Drops configurations that another one makes needless, because whatever can follow them can
/// follow that one too: it has the same value, has placed every looker that they have, has left
/// unplaced more of the moves that need not happen (optional ones, and hidden ones), and agrees on
/// the rest.
class Thinning {
 public:
  explicit Thinning(const UnderWay& under_way) : under_way_(under_way) {}

  /// For configurations that all stand at the instant of the moves under way. Returns the price in
  /// steps. Compares each with a bounded number of others, so that the price stays in proportion; a
  /// few needless ones may remain.
  std::uint64_t Thin(ConfigurationSet& configurations);

 private:
  void FindFree(const ConfigurationSet& configurations);
  bool Replaces(const ConfigurationSet& configurations, std::uint32_t better,
                std::uint32_t worse) const;

  const UnderWay& under_way_;
  std::size_t slot_words_ = 0;
  std::vector<std::uint64_t> free_;  // For each, the slots of moves that need not happen.
  std::vector<bool> dropped_;
  std::vector<std::uint32_t> previous_;               // The one before with the same value.
  absl::flat_hash_map<Point, std::uint32_t> latest_;  // By value; never iterated.
};

}  // namespace quorum::check
