#include "grader/cli/implementation.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/node/module_loader.h"
#include "grader/cli/build.h"
#include "grader/cli/folder_build.h"
#include "grader/cli/paths.h"
#include "grader/run/modules.h"

namespace quorum::cli {
namespace {

namespace fs = std::filesystem;

LabModule OfBuild(const std::string& impl, const std::string& lab) {
  const fs::path folder = BuildFolder() / "modules" / impl;
  const std::string target = absl::StrCat("module_", impl, "_", lab);
  return {.plain = {.file = folder / (lab + ".so"), .folder = BuildFolder(), .target = target},
          .sanitized = {.file = folder / (lab + ".asan.so"),
                        .folder = BuildFolder(),
                        .target = target + "_asan"}};
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::StatusOr<LabModule> OfFile(const std::string& file, const std::string& lab) {
  const absl::StatusOr<std::vector<std::string>> labs = run::LabsOf(file);
  if (!labs.ok()) return labs.status();
  if (!Contains(*labs, lab)) {
    return absl::NotFoundError(
        absl::StrCat(file, " implements ", absl::StrJoin(*labs, ", "), " and not ", lab, "."));
  }
  return LabModule{.plain = {.file = fs::absolute(file)}};
}

}  // namespace

std::vector<std::string> KnownImplementations(const std::string& lab) {
  // Written by CMake: an implementation and a lab in each line.
  std::ifstream index(BuildFolder() / "modules" / "index.txt");
  std::vector<std::string> known;
  std::string impl;
  std::string its_lab;
  while (index >> impl >> its_lab) {
    if ((lab.empty() || its_lab == lab) && !Contains(known, impl)) known.push_back(impl);
  }
  return known;
}

absl::StatusOr<LabModule> FindModule(const std::string& impl, const std::string& lab) {
  if (Contains(KnownImplementations(lab), impl)) return OfBuild(impl, lab);
  const std::vector<std::string> known = KnownImplementations("");
  std::error_code ignored;
  if (Contains(known, impl)) {
    return absl::NotFoundError(absl::StrCat("\"", impl, "\" does not implement ", lab, "."));
  }
  if (fs::is_directory(impl, ignored)) return PrepareFolder(impl, lab);
  if (fs::is_regular_file(impl, ignored)) return OfFile(impl, lab);
  return absl::InvalidArgumentError(absl::StrCat("There is no implementation \"", impl,
                                                 "\": it is no file, no folder, and none of ",
                                                 absl::StrJoin(known, ", "), "."));
}

absl::StatusOr<std::string> BuildImplementation(const std::string& impl, const std::string& lab) {
  const bool solved = FindModule("solutions", lab).ok();
  const auto module = FindModule(!impl.empty() ? impl : solved ? "solutions" : "labs", lab);
  if (!module.ok()) return module.status();
  if (!BuildModule(module->plain).ok) {
    return absl::FailedPreconditionError(
        absl::StrCat("The implementation of ", lab, " cannot be built (see above)."));
  }
  return module->plain.file;
}

absl::StatusOr<const ModuleTable*> LoadImplementation(const std::string& impl,
                                                      const std::string& lab) {
  const absl::StatusOr<std::string> file = BuildImplementation(impl, lab);
  if (!file.ok()) return file.status();
  return LoadModule(*file);
}

}  // namespace quorum::cli
