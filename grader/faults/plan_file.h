#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "grader/faults/plan.pb.h"

namespace quorum::faults {

/// Writes `plan` to the file `path` as text, below `comment`, whose lines become comments; makes
/// the folder if there is none. The error is a sentence.
absl::Status SavePlan(const std::string& path, const Plan& plan, const std::string& comment);

/// Reads what SavePlan has written, or what somebody has edited since. The error is a sentence that
/// names the file, and the line where there is one: no such file (NOT_FOUND), no plan, or a plan
/// that no world can play (INVALID_ARGUMENT).
absl::StatusOr<Plan> LoadPlan(const std::string& path);

/// The same of a text; `name` is what the error calls it.
absl::StatusOr<Plan> ParsePlan(const std::string& text, const std::string& name);

/// Whether all numbers of `plan` are such that a world can play it. The error is a sentence.
absl::Status CheckPlan(const Plan& plan);

}  // namespace quorum::faults
