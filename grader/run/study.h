#pragma once

#include <cstdint>
#include <functional>

#include "grader/run/pool.h"

namespace quorum::run {

/// How much is made of a run that somebody will read about.
struct StudyOptions {
  std::uint64_t shrink_events = 5'000'000;  ///< what shrinking may cost; 0: it is not tried
  std::uint32_t lines = 40;                 ///< of the diagram; 0: all
  bool shiviz = false;                      ///< whether it is also written as a log for ShiViz
};

/// Plays `run` again and again in the pool's workers, `settings` being what it was played on: to
/// shrink its plan, when it failed and there is anything to take away, and to draw it. `done` is
/// called once with the run that remains, later, while the pool runs. A worker that dies on the way
/// has only broken another rule, unless that is the failure: then the run is drawn up to the
/// handler in which it dies. What cannot be played again is told as it was.
void Study(Pool& pool, const Settings& settings, const RunResult& run, const StudyOptions& options,
           std::function<void(const RunResult&)> done);

}  // namespace quorum::run
