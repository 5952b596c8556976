#pragma once

#include <string>
#include <vector>

#include "grader/run/run.pb.h"
#include "grader/sim/flight_recorder.h"

namespace quorum::run {

/// Fills in why a worker died in the middle of a run, from what its flight recorder holds, its wait
/// status, and what it had printed; `modules` are the files that it had loaded. If `sanitized`,
/// they were built with sanitizers. The verdict is RUN_FAILED when student code was running, and
/// else RUN_GRADER_FAULT.
void PostMortem(const flight::Recorder& recorder, int wait_status, std::string output,
                const std::vector<std::string>& modules, bool sanitized, RunResult& result);

}  // namespace quorum::run
