#pragma once

#include <string>

namespace quorum::run::testing {

/// The file of the module that behaves so: see the files of those names in this folder.
std::string ModuleFile(const std::string& behaviour);

}  // namespace quorum::run::testing
