#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grader/run/outcome.h"

namespace quorum::report {

/// Points reached, and those that there are. Bonus points are not among the latter.
struct Score {
  int points = 0;
  int max_points = 0;
};
Score ScoreOf(const std::vector<run::Outcome>& outcomes);

/// Prints grading on a terminal as it goes on: a line a scenario, totals by part and lab, and a
/// progress bar below while runs are made. In a file or pipe: plain lines, and no bar.
class Scoreboard {
 public:
  /// `terminal`: whether the output can show colours and lines that change.
  explicit Scoreboard(bool terminal) : terminal_(terminal) {}

  void Progress(std::uint64_t done, std::uint64_t of);
  void Add(const run::Outcome& outcome);
  /// The totals; `seconds` is how long all of it took.
  void Finish(double seconds);

 private:
  void EraseBar();
  void PrintTotals() const;

  const bool terminal_;
  bool bar_shown_ = false;
  std::int64_t bar_at_ = 0;
  std::vector<run::Outcome> outcomes_;
};

}  // namespace quorum::report
