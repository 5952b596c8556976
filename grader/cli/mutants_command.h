#pragma once

#include <CLI/CLI.hpp>

namespace quorum::cli {

/// `quorum mutants LAB`: grades the grader. Builds the lab's known bugs and demands that each is
/// found by the scenario, and through the rule, that its patch names. Exit code 1 if one is not.
void AddMutantsCommand(CLI::App& app, int& exit_code);

}  // namespace quorum::cli
