#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/env/module.h"

namespace quorum::run {

/// Loads a module like `LoadModule`, and remembers where its code lies, so that `Play` and the last
/// words of a process can tell student code from the grader's own.
absl::StatusOr<const ModuleTable*> LoadStudentModule(const std::string& path);

}  // namespace quorum::run
