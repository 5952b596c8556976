#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace quorum::cli {

/// Brings the implementation `impl` of `lab` up to date and tells its module's file.
using FindImplementation =
    std::function<absl::StatusOr<std::string>(const std::string& impl, const std::string& lab)>;

/// `quorum explore`: every order of events in small worlds.
void AddExploreCommand(CLI::App& app, int& exit_code, FindImplementation find);

}  // namespace quorum::cli
