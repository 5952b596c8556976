#include "common/node/module_loader.h"

#include <dlfcn.h>

#include <filesystem>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace quorum {

absl::StatusOr<const ModuleTable*> LoadModule(const std::string& path) {
  std::error_code ignored;
  // An absolute path, since dlopen looks for a bare name in the system's folders.
  const std::filesystem::path file = std::filesystem::absolute(path, ignored);
  if (!std::filesystem::is_regular_file(file, ignored)) {
    return absl::NotFoundError(absl::StrCat("There is no module at ", path, "."));
  }
  // Local, so that two implementations of one lab do not see each other; now, so that a missing
  // symbol shows here and not in the middle of a run.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("The module cannot be loaded: ", dlerror()));
  }
  const auto* table = static_cast<const ModuleTable*>(dlsym(library, kModuleSymbol));
  if (table == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " is not a module of this course: it has no symbol ", kModuleSymbol, "."));
  }
  if (std::string_view(table->abi_stamp) != kAbiStamp) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " was built against other headers than this program: build it again."));
  }
  return table;
}

}  // namespace quorum
