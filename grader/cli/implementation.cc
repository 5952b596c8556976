#include "grader/cli/implementation.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/node/module_loader.h"
#include "grader/cli/build.h"
#include "grader/cli/paths.h"

namespace quorum::cli {
namespace {

namespace fs = std::filesystem;

LabModule OfBuild(const std::string& impl, const std::string& lab) {
  const fs::path stem = BuildFolder() / "modules" / impl / lab;
  const std::string target = absl::StrCat("module_", impl, "_", lab);
  return {.file = stem.string() + ".so",
          .target = target,
          .asan_file = stem.string() + ".asan.so",
          .asan_target = target + "_asan",
          .folder = BuildFolder().string()};
}

}  // namespace

std::vector<std::string> KnownImplementations(const std::string& lab) {
  // Written by CMake: an implementation and a lab in each line.
  std::ifstream index(BuildFolder() / "modules" / "index.txt");
  std::vector<std::string> known;
  std::string impl;
  std::string its_lab;
  while (index >> impl >> its_lab) {
    if (its_lab == lab) known.push_back(impl);
  }
  return known;
}

absl::StatusOr<LabModule> FindModule(const std::string& impl, const std::string& lab) {
  const std::vector<std::string> known = KnownImplementations(lab);
  for (const std::string& name : known) {
    if (name == impl) return OfBuild(impl, lab);
  }
  std::error_code ignored;
  if (fs::is_regular_file(impl, ignored)) return LabModule{.file = impl};
  return absl::NotFoundError(absl::StrCat("There is no implementation \"", impl, "\" of ", lab,
                                          ": it is no file, no folder, and none of ",
                                          absl::StrJoin(known, ", "), "."));
}

absl::StatusOr<const ModuleTable*> LoadImplementation(const std::string& impl,
                                                      const std::string& lab) {
  const bool solved = FindModule("solutions", lab).ok();
  const auto module = FindModule(!impl.empty() ? impl : solved ? "solutions" : "labs", lab);
  if (!module.ok()) return module.status();
  if (!module->target.empty() && !Build(module->folder, {module->target}).ok) {
    return absl::FailedPreconditionError(
        absl::StrCat("The implementation of ", lab, " cannot be built (see above)."));
  }
  return LoadModule(module->file);
}

}  // namespace quorum::cli
