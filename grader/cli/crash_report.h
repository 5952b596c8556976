#pragma once

#include "grader/cli/submission.h"
#include "grader/run/outcome.h"

namespace quorum::cli {

/// Plays the run that crashed once more with sanitizers, and adds what they report to the outcome.
/// Does nothing when the outcome is no crash, or when the lab cannot be built with sanitizers. A
/// crash that seemed to be the grader's own, and for which they blame the module, becomes the
/// module's.
void ExplainCrash(const SubmittedLab& lab, run::Outcome& outcome);

}  // namespace quorum::cli
