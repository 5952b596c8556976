#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grader/scenarios/scenario.h"

namespace quorum::cli {

/// The scenarios that `selections` name, in the order of the handouts: "hash_ring" (a lab),
/// "hash_ring:1B" (a part), "hash_ring.HandOffUnderLoss" (a scenario). Without any: all. The error
/// is a sentence that says what there is instead.
absl::StatusOr<std::vector<const grader::Scenario*>> Select(
    const std::vector<grader::Scenario>& scenarios, const std::vector<std::string>& selections);

}  // namespace quorum::cli
