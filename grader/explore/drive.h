#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "grader/explore/space.h"

namespace quorum::explore {

/// Where exploration begins: where the directions of the world lead, from its start. NOT_FOUND: a
/// step is not possible; the sentence says which.
absl::StatusOr<State> Drive(Space& space);

}  // namespace quorum::explore
