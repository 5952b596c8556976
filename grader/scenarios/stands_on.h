#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quorum::grader {

/// The earlier labs whose modules the scenarios of `lab` need beside its own.
std::vector<std::string> StandsOn(std::string_view lab);

}  // namespace quorum::grader
