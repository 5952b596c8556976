#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace quorum::cli {

/// What a build came to.
struct BuildResult {
  bool ok = false;
  std::string output;  ///< what the compiler said; also printed as it came
};

/// Brings `targets` of the build in `folder` up to date.
BuildResult Build(const std::filesystem::path& folder, const std::vector<std::string>& targets);

/// Runs a program and waits for it; its output is printed, and kept.
BuildResult RunTool(const std::vector<std::string>& command);

}  // namespace quorum::cli
