#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/env/time.h"

namespace quorum::cli {

/// Becomes gdb on a run of the plan in `file`, on `modules`, the first of which is under test:
/// stopped where the last handler of `node` begins before the run ends. Returns only when there is
/// no gdb; the error is a sentence.
absl::Status StopInGdb(const std::string& file, const std::vector<std::string>& modules,
                       NodeId node);

/// Registers the hidden verb that gdb runs: it plays a plan in this process.
void AddPlayHereCommand(CLI::App& app, int& exit_code);

}  // namespace quorum::cli
