#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader::cache {

/// Crowds of clients under random faults, by part.
std::vector<Scenario> FixedRingSweeps();
std::vector<Scenario> HandOverSweeps();
std::vector<Scenario> ChunkSweeps();

}  // namespace quorum::grader::cache
