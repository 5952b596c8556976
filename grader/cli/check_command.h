#pragma once

#include "CLI/App.hpp"

namespace quorum {

/// Registers `check --model register|kv FILE`: is the history in FILE linearizable? When the
/// command is parsed it prints its answer and sets `exit_code`: 0 linearizable, 1 not, 2 the file
/// is missing or malformed, 3 the budget is spent. `exit_code` must live until then.
void AddCheckCommand(CLI::App& app, int& exit_code);

}  // namespace quorum
