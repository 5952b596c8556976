#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader::cache {

/// 1D: single hand-overs, in each of which one thing goes wrong at one moment.
std::vector<Scenario> TransferStories();

/// 1D: writes that only one replica has, while the primary changes.
Scenario TakingTurns();

}  // namespace quorum::grader::cache
