#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "grader/cli/lab_module.h"

namespace quorum::cli {

/// What a build came to.
struct BuildResult {
  bool ok = false;
  std::string output;  ///< what the compiler said
};

/// Brings `targets` of the build in `folder` up to date. What the compiler says is printed as it
/// comes, if `loud`.
BuildResult Build(const std::filesystem::path& folder, const std::vector<std::string>& targets,
                  bool loud = true);

/// Brings a module up to date.
BuildResult BuildModule(const ModuleFile& module, bool loud = true);

/// What a program prints.
std::string OutputOf(const std::vector<std::string>& command);

}  // namespace quorum::cli
