#pragma once

#include <filesystem>

namespace quorum::cli {

/// The repository that this program was built from.
std::filesystem::path SourceFolder();
/// The folder that it was built in.
std::filesystem::path BuildFolder();

}  // namespace quorum::cli
