#pragma once

#include <cstdint>

#include "grader/check/linearizability/history.h"

namespace quorum::check {

/// What a made-up history looks like. Shares are percentages.
struct HistoryShape {
  std::size_t operations = 10'000;
  std::int64_t clients = 10;
  int keys = 1;
  int gets = 50;  ///< The other operations share the rest by these weights:
  int puts = 1;
  int appends = 0;
  int cas = 0;
  int unknown = 0;  ///< Operations whose outcome the client does not learn.
  int values = 0;   ///< How many different values there are; 0: each is new.
  int tie = 20;     ///< Mean length of an operation in instants: short ones make ties.
  Model model = Model::kKv;
};

/// A history that some order explains, in the order of calls. The same seed gives the same one
/// everywhere. A cas expects what its client saw last.
History MakeHistory(const HistoryShape& shape, std::uint64_t seed);

}  // namespace quorum::check
