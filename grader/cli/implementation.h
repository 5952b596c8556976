#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/env/module.h"
#include "grader/cli/lab_module.h"

namespace quorum::cli {

/// The implementation of `lab` that `impl` stands for: a name that the build knows ("labs",
/// "solutions"), a folder, or a module's file. The error is a sentence; NOT_FOUND: `impl` is there,
/// but does not implement this lab.
absl::StatusOr<LabModule> FindModule(const std::string& impl, const std::string& lab);

/// Brings the module up to date and tells its file: for verbs that only use it. An empty `impl` is
/// the solution where there is one, and otherwise the student's.
absl::StatusOr<std::string> BuildImplementation(const std::string& impl, const std::string& lab);

/// The same, and loads it into this process.
absl::StatusOr<const ModuleTable*> LoadImplementation(const std::string& impl,
                                                      const std::string& lab);

/// The implementations of `lab` that the build knows; of any lab, when it is empty.
std::vector<std::string> KnownImplementations(const std::string& lab);

}  // namespace quorum::cli
