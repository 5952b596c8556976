#include "grader/run/worker.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <new>
#include <string>

#include "common/env/reached.h"
#include "grader/run/last_words.h"
#include "grader/run/modules.h"
#include "grader/run/perturb.h"
#include "grader/run/play.h"
#include "grader/run/sanitizer.h"
#include "grader/run/wire.h"
#include "grader/sim/flight_recorder.h"

namespace quorum::run {
namespace {

using grader::Scenario;

WorkerNotes& MapNotes() {
  void* memory =
      mmap(nullptr, sizeof(WorkerNotes), PROT_READ | PROT_WRITE, MAP_SHARED, kWorkerNotes, 0);
  Check(memory != MAP_FAILED, "Shared memory can be mapped.");
  auto& notes = *static_cast<WorkerNotes*>(memory);
  flight::recorder = &notes.recorder;
  CountReachedIn(&notes.reached);
  return notes;
}

/// Loads what `setup` names; the sentence says what went wrong, if anything.
std::string LoadModules(const WorkerSetup& setup, std::vector<const ModuleTable*>& modules) {
  for (const std::string& path : setup.modules()) {
    const absl::StatusOr<const ModuleTable*> module = LoadStudentModule(path);
    if (!module.ok()) return std::string(module.status().message());
    modules.push_back(*module);
  }
  return "";
}

const Scenario* Find(const std::vector<Scenario>& scenarios, const std::string& name) {
  for (const Scenario& scenario : scenarios) {
    if (FullName(scenario) == name) return &scenario;
  }
  return nullptr;
}

/// Forgets what earlier runs have printed, so that what a dying one prints can be told.
void EmptyOutput() {
  struct stat output = {};
  if (fstat(STDERR_FILENO, &output) == 0 && output.st_size > 0) {
    [[maybe_unused]] const int ignored = ftruncate(STDERR_FILENO, 0);
  }
}

RunResult Answer(const std::vector<Scenario>& scenarios, const Task& task,
                 const std::vector<const ModuleTable*>& modules, WorkerNotes& notes) {
  const Scenario* scenario = Find(scenarios, task.scenario());
  if (scenario == nullptr) {
    RunResult result;
    result.set_scenario(task.scenario());
    result.set_verdict(RUN_GRADER_FAULT);
    result.mutable_failure()->set_detail("The worker knows no such scenario.");
    return result;
  }
  EmptyOutput();
  notes.reached = 0;
  RunResult result = PlayTask(*scenario, task, modules);
  result.set_reached(notes.reached);
  return result;
}

}  // namespace

int WorkerMain(const std::vector<Scenario>& scenarios) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // A run takes up what the one before gave back: asking the system each time takes longer than
  // most runs do.
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_MMAP_THRESHOLD, 1 << 25);
  mallopt(M_TOP_PAD, 1 << 22);
  WorkerNotes& notes = MapNotes();
  WorkerSetup setup;
  if (!ReceiveMessage(kWorkerSocket, setup)) return 4;
  InstallLastWords({.cpu_seconds = setup.cpu_seconds(),
                    .memory_bytes = setup.memory_bytes(),
                    .sanitized = setup.sanitized() || IsSanitized()});
  std::vector<const ModuleTable*> modules;
  WorkerReady ready;
  flight::BeginRun("", 0);  // a module's initialisers run here
  ready.set_error(LoadModules(setup, modules));
  for (const ModuleTable* module : modules) ready.add_labs(module->lab);
  flight::EndRun();
  if (!SendMessage(kWorkerSocket, ready)) return 4;
  Task task;
  std::uint64_t runs = 0;
  while (ReceiveMessage(kWorkerSocket, task)) {
    const HeapPerturbation heap(setup.heap_salt() == 0 ? 0 : setup.heap_salt() + ++runs);
    if (!SendMessage(kWorkerSocket, Answer(scenarios, task, modules, notes))) return 4;
  }
  return 0;
}

}  // namespace quorum::run
