#pragma once

#include <string>
#include <vector>

#include "grader/run/outcome.h"

namespace quorum::report {

/// The outcomes as JSON, for programs; the schema is in docs/report.md. `implementation` is named
/// as on the command line, and so is what was to stand beside it, `with`.
std::string JsonReport(const std::vector<run::Outcome>& outcomes, const std::string& implementation,
                       const std::vector<std::string>& with = {});

}  // namespace quorum::report
