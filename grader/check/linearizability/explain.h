#pragma once

#include <string>

#include "grader/check/linearizability/linearizability.h"

namespace quorum::check {

/// Says in a few lines, each ended, what a check found: the verdict and, when an operation cannot
/// be placed, the end of a legal order of all before it, and the value that it met. Long values are
/// shortened.
std::string Explain(const CheckResult& result);

}  // namespace quorum::check
