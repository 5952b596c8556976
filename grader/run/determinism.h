#pragma once

#include <functional>
#include <memory>

#include "grader/run/pool.h"

namespace quorum::run {

/// The settings of a process in which the same run must be the same: other addresses, another
/// layout of the heap, and another order of unordered containers.
Settings Perturbed(Settings settings);

/// Whether two runs of one task were the same, event for event, as far as both came to an end.
bool SameRun(const RunResult& first, const RunResult& second);

/// Finds out why `first` and `second`, two runs of `task`, were not the same, by further runs that
/// differ in one thing at a time, and then calls `done` with a failed result that says so.
void Diagnose(Pool& pool, const Task& task, const Settings& settings, const RunResult& first,
              const RunResult& second, std::function<void(const RunResult&)> done);

}  // namespace quorum::run
