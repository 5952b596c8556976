#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grader/run/run.pb.h"
#include "grader/scenarios/scenario.h"

namespace quorum::run {

/// What came of one scenario over its seeds.
struct Outcome {
  enum class Verdict {
    kPassed,
    kFailed,
    kInconclusive,   ///< a checker gave up, or what must be observed was not
    kDemonstration,  ///< played for what it shows
    kGraderFault,
  };

  const grader::Scenario* scenario = nullptr;
  Verdict verdict = Verdict::kPassed;
  std::uint64_t seeds_run = 0;        ///< up to the one that decided
  std::optional<RunResult> deciding;  ///< the run of the lowest seed that did not pass
  std::uint64_t events = 0;           ///< over the seeds run, as the rest
  std::int64_t simulated_ns = 0;
  std::uint64_t reached = 0;  ///< how often code was run that a known bug has changed
  std::int64_t wall_ns = 0;   ///< in the workers; with two of them it passes twice as fast
  std::map<std::string, std::uint64_t> observed;  ///< in how many seeds
  std::vector<std::string> unobserved;            ///< what must be observed and was not
  std::optional<RunResult> shown;                 ///< of a passing scenario: a run with its diagram
  std::string plan_file;                          ///< where the deciding plan is saved, if anywhere

  int points() const { return verdict == Verdict::kPassed ? scenario->points : 0; }
};

}  // namespace quorum::run
