#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::run {

/// The file descriptors that a worker finds open: its parent's socket and the flight recorder.
inline constexpr int kWorkerSocket = 3;
inline constexpr int kWorkerRecorder = 4;

/// The life of a worker process: reads its setup, then plays one task after another until its
/// parent hangs up. Returns the process's exit code.
int WorkerMain(const std::vector<grader::Scenario>& scenarios);

}  // namespace quorum::run
