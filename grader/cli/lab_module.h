#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace quorum::cli {

/// How the module of one implementation of one lab is brought up to date.
struct ModuleFile {
  std::filesystem::path file = {};      ///< the module; it need not exist yet
  std::filesystem::path folder = {};    ///< the build folder of `target`
  std::string target = {};              ///< what builds it; empty: it is there already
  std::vector<std::string> needs = {};  ///< targets of the main build that it takes first
};

/// The implementation of one lab.
struct LabModule {
  ModuleFile plain = {};
  ModuleFile sanitized = {};  ///< without a target: it cannot be built with sanitizers
};

}  // namespace quorum::cli
