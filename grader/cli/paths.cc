#include "grader/cli/paths.h"

namespace quorum::cli {

std::filesystem::path SourceFolder() { return QUORUM_SOURCE_FOLDER; }
std::filesystem::path BuildFolder() { return QUORUM_BUILD_FOLDER; }

}  // namespace quorum::cli
