#pragma once

#include <filesystem>

namespace quorum::testing {

/// Flips a byte of each file in a node's data folder that holds what it has written. How many: none
/// if nothing was.
int DamageData(const std::filesystem::path& folder);

}  // namespace quorum::testing
