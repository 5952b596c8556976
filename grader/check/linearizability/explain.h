#pragma once

#include <string>

#include "grader/check/linearizability/linearizability.h"

namespace quorum::check {

/// Says in a few lines, each ended, what a check found: the verdict and, when an operation cannot
/// be placed, the end of a legal order of all before it, and the value that it met. Long values are
/// shortened.
/// `simulated`: instants are nanoseconds of a simulated world; they are told in milliseconds, as
/// diagrams have them, and clients below 0 are the test itself.
std::string Explain(const CheckResult& result, bool simulated = false);

}  // namespace quorum::check
