#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "grader/cli/lab_module.h"

namespace quorum::cli {

/// Whether `folder` holds an implementation of `lab`: the files that a student edits, either in the
/// folder itself or in one below that is named as the lab's is.
bool HoldsLab(const std::filesystem::path& folder, const std::string& lab);

/// Prepares to build what `folder` holds for `lab` as the build compiles its own modules, in a
/// build folder of its own. A file of the skeleton that is missing is taken from there; the lab's
/// fixed files always are.
absl::StatusOr<LabModule> PrepareFolder(const std::filesystem::path& folder,
                                        const std::string& lab);

}  // namespace quorum::cli
