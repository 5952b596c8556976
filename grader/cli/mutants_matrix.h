#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "grader/run/mutant.h"

namespace quorum::cli {

/// What became of one mutant under its scenario, which was played from several base seeds.
struct MutantTrial {
  std::uint64_t plays = 0;
  std::vector<std::uint64_t> seeds_to_kill;  ///< of each play that killed it as it should be
  std::uint64_t events = 0;
  std::int64_t wall_ns = 0;
  std::uint64_t reached = 0;  ///< how often changed code has run: one that was not says nothing
  std::string instead;        ///< how else it ended, if it did

  bool killed() const { return plays > 0 && seeds_to_kill.size() == plays; }
  /// In the median. Only of a mutant that was killed.
  std::uint64_t MedianSeeds() const;
  /// In one play, on the average.
  std::uint64_t Events() const { return events / std::max<std::uint64_t>(1, plays); }
  double Seconds() const;
  std::uint64_t Reached() const { return reached / std::max<std::uint64_t>(1, plays); }
};
using MutantTrials = std::map<std::string, MutantTrial>;  // by the mutant's id

/// The matrix: which mutant was killed by which scenario, through which rule, and at what cost.
std::string MatrixInText(const std::vector<run::Mutant>& mutants, const MutantTrials& trials);
std::string MatrixInMarkdown(const std::vector<run::Mutant>& mutants, const MutantTrials& trials);

}  // namespace quorum::cli
