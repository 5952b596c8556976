#pragma once

#include <CLI/CLI.hpp>

namespace quorum::cli {

/// Registers `replay FILE`: plays a saved plan again. When the command is parsed it prints what
/// happens and sets `exit_code`: 0 the run passes now, 1 it fails, 2 the file is no plan or does
/// not fit, 3 nothing can be said, 4 a fault of the grader. `exit_code` must live until then.
void AddReplayCommand(CLI::App& app, int& exit_code);

}  // namespace quorum::cli
