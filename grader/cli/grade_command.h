#pragma once

#include <CLI/CLI.hpp>

namespace quorum::cli {

/// Adds the verb `grade`. `exit_code` is set when it has run.
void AddGradeCommand(CLI::App& app, int& exit_code);

}  // namespace quorum::cli
