#pragma once

#include <string>
#include <vector>

#include "grader/faults/plan.pb.h"

namespace quorum::report {

/// What a plan brings about, a line for each thing: the network, each fault, each message with a
/// fault of its own, and what the clients do. Long lists are cut.
std::vector<std::string> PlanLines(const faults::Plan& plan);

}  // namespace quorum::report
