#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/env/module.h"

namespace quorum::cli {

/// Where the implementation of one lab comes from.
struct LabModule {
  std::string file = {};         ///< the module; it need not exist yet
  std::string target = {};       ///< what builds it; empty: it is there already
  std::string asan_file = {};    ///< the same with sanitizers
  std::string asan_target = {};  ///< empty: it cannot be built with sanitizers
  std::string folder = {};       ///< the build folder of both targets
};

/// The implementation of `lab` that `impl` stands for: a name that the build knows ("labs",
/// "solutions"), a folder, or a module's file. The error is a sentence.
absl::StatusOr<LabModule> FindModule(const std::string& impl, const std::string& lab);

/// Brings the module up to date and loads it into this process: for verbs that only use it. An
/// empty `impl` is the solution where there is one, and otherwise the student's.
absl::StatusOr<const ModuleTable*> LoadImplementation(const std::string& impl,
                                                      const std::string& lab);

/// The implementations of `lab` that the build knows.
std::vector<std::string> KnownImplementations(const std::string& lab);

}  // namespace quorum::cli
