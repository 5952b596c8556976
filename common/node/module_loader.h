#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/env/module.h"

namespace quorum {

/// Loads the implementation of a lab in the file `path`, for good: a module is never unloaded.
/// Every error is one sentence: there is no such file (NOT_FOUND), it is not a module or lacks a
/// symbol (INVALID_ARGUMENT), or it was built against other headers than this program
/// (FAILED_PRECONDITION).
absl::StatusOr<const ModuleTable*> LoadModule(const std::string& path);

}  // namespace quorum
