#pragma once

#include <functional>
#include <string>

#include "CLI/App.hpp"
#include "absl/status/statusor.h"
#include "common/env/module.h"

namespace quorum::cli {

/// Brings an implementation of a lab: by its name, or the one that is there when that is empty.
using ModuleSource = std::function<absl::StatusOr<const ModuleTable*>(const std::string& impl,
                                                                      const std::string& lab)>;

/// Registers `ring --nodes a,b:2,c KEY...`: which nodes a key belongs to. When the command is
/// parsed it prints a line a key, its owners last, and sets `exit_code`: 0; 1 the implementation is
/// not written yet, or fails a check of its own; 2 bad input. `exit_code` must live until then.
void AddRingCommand(CLI::App& app, int& exit_code, ModuleSource modules);

}  // namespace quorum::cli
