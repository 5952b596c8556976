#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quorum::grader {

/// The labs whose modules the scenarios of `lab` need beside the one under test: earlier labs, and
/// `lab` itself where nodes under test play among nodes of the reference.
std::vector<std::string> StandsOn(std::string_view lab);

}  // namespace quorum::grader
