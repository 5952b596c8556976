#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "grader/scenarios/scenario.h"
#include "grader/sim/flight_recorder.h"

namespace quorum::run {

/// The file descriptors that a worker finds open: its parent's socket, and the memory of its notes.
inline constexpr int kWorkerSocket = 3;
inline constexpr int kWorkerNotes = 4;

/// What a worker writes where its parent can still read it after a crash. All zero at first.
struct WorkerNotes {
  flight::Recorder recorder;
  /// How often, in this run, code was reached that a known bug has changed: common/env/reached.h.
  std::atomic<std::uint64_t> reached;
};

/// The life of a worker process: reads its setup, then plays one task after another until its
/// parent hangs up. Returns the process's exit code.
int WorkerMain(const std::vector<grader::Scenario>& scenarios);

}  // namespace quorum::run
