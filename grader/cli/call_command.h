#pragma once

#include <string>

#include "CLI/App.hpp"

namespace quorum::cli {

/// `quorum call NODE /package.Service/Method JSON`: talks to a running node of any lab. Prints the
/// answer as JSON, or the error; without a method, what the node serves. Exit codes: 0 answered, 1
/// an error, 2 bad usage: no such node or method, or a request that is none.
/// `last_cluster` is where `quorum cluster` notes the cluster that was started last.
void AddCallCommand(CLI::App& app, int& exit_code, const std::string& last_cluster);

}  // namespace quorum::cli
