#pragma once

#include <string_view>
#include <vector>

#include "grader/explore/explore.h"
#include "grader/scenarios/stage.h"

namespace quorum::explore {

/// Explores `spec` as a graded scenario: the stage has the implementation, and its seed is that of
/// the random walks. A breach ends the run as a failure with its trace as the steps; a world that
/// the implementation does not let one enter is inconclusive. How far it went is observed, for the
/// report.
void PlayWorld(grader::Stage& stage, const WorldSpec& spec, ExploreOptions options = {});

/// The same of the one of `worlds` that is called `name`.
void PlayWorld(grader::Stage& stage, const std::vector<WorldSpec>& worlds, std::string_view name,
               ExploreOptions options);

}  // namespace quorum::explore
