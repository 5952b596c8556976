#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/env/module.h"

namespace quorum::run {

/// Loads a module like `LoadModule`, and remembers where its code lies, so that `Play` and the last
/// words of a process can tell student code from the grader's own.
absl::StatusOr<const ModuleTable*> LoadStudentModule(const std::string& path);

/// Which labs the module in `path` implements, found out in another process: loading a module runs
/// what it likes. The error is a sentence.
absl::StatusOr<std::vector<std::string>> LabsOf(const std::string& path);

}  // namespace quorum::run
