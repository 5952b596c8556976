#include "grader/run/modules.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstdint>

#include "common/node/module_loader.h"
#include "grader/run/last_words.h"

namespace quorum::run {
namespace {

/// Tells which addresses are the code of the module that `table` lies in.
void FindCode(const ModuleTable* table) {
  Dl_info info = {};
  if (dladdr(table, &info) == 0) return;
  dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void* base) {
        if (reinterpret_cast<void*>(object->dlpi_addr) != base) return 0;
        std::uintptr_t end = object->dlpi_addr;
        for (int i = 0; i < object->dlpi_phnum; ++i) {
          const auto& header = object->dlpi_phdr[i];
          if (header.p_type != PT_LOAD) continue;
          end = std::max<std::uintptr_t>(end, object->dlpi_addr + header.p_vaddr + header.p_memsz);
        }
        AddModuleCode(object->dlpi_addr, end);
        return 1;
      },
      info.dli_fbase);
}

}  // namespace

absl::StatusOr<const ModuleTable*> LoadStudentModule(const std::string& path) {
  absl::StatusOr<const ModuleTable*> module = LoadModule(path);
  if (module.ok()) FindCode(*module);
  return module;
}

}  // namespace quorum::run
