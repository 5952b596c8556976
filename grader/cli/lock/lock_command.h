#pragma once

#include <string>

#include "CLI/App.hpp"
#include "grader/cli/ring_command.h"

namespace quorum::cli {

/// `quorum lock VERB`: a client of a cell of the lock service, built on the session library of an
/// implementation. `last_cluster` notes the cluster that was started last.
void AddLockCommand(CLI::App& app, int& exit_code, ModuleSource modules,
                    const std::string& last_cluster);

}  // namespace quorum::cli
