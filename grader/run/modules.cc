#include "grader/run/modules.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/node/module_loader.h"
#include "grader/run/last_words.h"
#include "grader/run/worker_process.h"

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

absl::StatusOr<std::vector<std::string>> LabsOf(const std::string& path) {
  Settings settings;
  settings.modules = {path};
  WorkerProcess worker(settings, {"worker"});
  RunResult nothing;
  std::string why;
  switch (worker.Receive(nothing, why)) {
    case WorkerProcess::Event::kReady:
      return worker.labs();
    case WorkerProcess::Event::kUnfit:
      return absl::InvalidArgumentError(why);
    default:
      return absl::InvalidArgumentError(absl::StrCat(
          "Loading ", path, " ends the process: it is not a module, or a broken one."));
  }
}

}  // namespace quorum::run
