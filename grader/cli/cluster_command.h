#pragma once

#include <functional>
#include <string>

#include "CLI/App.hpp"
#include "absl/status/statusor.h"

namespace quorum::cli {

/// What the command needs of the build, so that a test can do without one.
struct ClusterTools {
  /// The file of an implementation of a lab, and the program that runs one node of it.
  struct Files {
    std::string module;
    std::string node_program;
  };
  /// Brings both up to date. An empty `impl` is the solution where there is one, and otherwise the
  /// student's.
  std::function<absl::StatusOr<Files>(const std::string& impl, const std::string& lab)> find;
  /// Where clusters keep their data unless told otherwise, and where `cluster.json` notes the one
  /// that was started last.
  std::string data_folder;
};

/// `quorum cluster LAB`: runs the lab's nodes as processes on this machine until Ctrl-C, and notes
/// their addresses for `quorum call`. Exit codes: 0 stopped by a signal, 1 a node could not start
/// or none is left, 2 bad usage.
void AddClusterCommand(CLI::App& app, int& exit_code, ClusterTools tools);

}  // namespace quorum::cli
