#include "grader/run/worker_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/env/check.h"
#include "grader/run/last_words.h"
#include "grader/run/perturb.h"
#include "grader/run/post_mortem.h"
#include "grader/run/sanitizer.h"
#include "grader/run/wire.h"
#include "grader/run/worker.h"

namespace quorum::run {
namespace {

constexpr off_t kOutputKept = 16 * 1024;
constexpr std::uint64_t kMemory = std::uint64_t{1} << 30;
constexpr std::uint32_t kCpuSeconds = 2;
constexpr std::uint32_t kCpuSecondsSanitized = 5;

/// Strings as exec wants them; the strings outlive it.
std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// This process's environment, and what a worker of `settings` finds in it besides.
std::vector<std::string> Environment(const Settings& settings) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  if (settings.hash_salt != 0) {
    variables.push_back(absl::StrCat(kHashSaltVariable, "=", settings.hash_salt));
  }
  if (settings.sanitized || IsSanitized())
    AddSanitizerVariables(settings.heap_salt != 0, variables);
  return variables;
}

/// A descriptor above those that a worker finds open, so that none of them overwrites it.
int Raise(int fd) {
  const int raised = fcntl(fd, F_DUPFD_CLOEXEC, 10);
  close(fd);
  return raised;
}

struct Ends {
  int socket;
  int notes;
  int output;
};

/// In the child, where only plain system calls may be made until exec.
[[noreturn]] void Become(const Ends& ends, bool fixed_addresses, char** arguments,
                         char** variables) {
  dup2(ends.socket, kWorkerSocket);
  dup2(ends.notes, kWorkerNotes);
  dup2(ends.output, STDOUT_FILENO);
  dup2(ends.output, STDERR_FILENO);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  const rlimit stack = {8u << 20, 8u << 20};
  setrlimit(RLIMIT_STACK, &stack);
  const rlimit core = {0, 0};
  setrlimit(RLIMIT_CORE, &core);
  if (fixed_addresses) personality(ADDR_NO_RANDOMIZE);
  execve("/proc/self/exe", arguments, variables);
  _exit(127);
}

pid_t Launch(const Ends& ends, const Settings& settings, const std::vector<std::string>& command) {
  std::vector<std::string> words = {"quorum"};
  words.insert(words.end(), command.begin(), command.end());
  const std::vector<std::string> variables = Environment(settings);
  std::vector<char*> arguments = Pointers(words);
  std::vector<char*> environment = Pointers(variables);
  const pid_t child = fork();
  Check(child >= 0, "A process can be started.");
  if (child == 0) Become(ends, settings.fixed_addresses, arguments.data(), environment.data());
  return child;
}

WorkerSetup SetupOf(const Settings& settings) {
  const bool slow = settings.sanitized || IsSanitized();
  WorkerSetup setup;
  for (const std::string& module : settings.modules) setup.add_modules(module);
  setup.set_heap_salt(settings.heap_salt);
  setup.set_sanitized(settings.sanitized);
  setup.set_cpu_seconds(slow ? kCpuSecondsSanitized : kCpuSeconds);
  setup.set_memory_bytes(kMemory);
  return setup;
}

/// What the process has printed: a sanitizer's report stands first, and otherwise the end matters.
std::string ReadOutput(int file, bool sanitized) {
  const off_t all = lseek(file, 0, SEEK_END);
  if (all <= 0) return "";
  const off_t size = std::min(all, kOutputKept);
  const off_t from = sanitized ? 0 : all - size;
  std::string text(static_cast<std::size_t>(size), '\0');
  const ssize_t got = pread(file, text.data(), text.size(), from);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

}  // namespace

WorkerProcess::WorkerProcess(Settings settings, const std::vector<std::string>& command)
    : settings_(std::move(settings)) {
  int pair[2];
  Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "A socket can be made.");
  socket_ = pair[0];
  const int notes = Raise(memfd_create("notes", MFD_CLOEXEC));
  Check(ftruncate(notes, sizeof(WorkerNotes)) == 0, "Shared memory can be made.");
  void* memory = mmap(nullptr, sizeof(WorkerNotes), PROT_READ | PROT_WRITE, MAP_SHARED, notes, 0);
  Check(memory != MAP_FAILED, "Shared memory can be mapped.");
  notes_ = static_cast<WorkerNotes*>(memory);
  output_ = Raise(memfd_create("output", MFD_CLOEXEC));
  fcntl(output_, F_SETFL, O_APPEND);
  const Ends ends{Raise(pair[1]), notes, output_};
  pid_ = Launch(ends, settings_, command);
  close(ends.socket);
  close(ends.notes);
  SendMessage(socket_, SetupOf(settings_));
}

WorkerProcess::~WorkerProcess() {
  close(socket_);  // a worker that waits for a task ends by itself
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(output_);
  munmap(notes_, sizeof(WorkerNotes));
}

bool WorkerProcess::Send(const Task& task) { return SendMessage(socket_, task); }

WorkerProcess::Event WorkerProcess::Receive(RunResult& result, std::string& why) {
  if (ready_) return ReceiveMessage(socket_, result) ? Event::kResult : Event::kEnd;
  WorkerReady ready;
  if (!ReceiveMessage(socket_, ready)) return Event::kEnd;
  ready_ = true;
  labs_.assign(ready.labs().begin(), ready.labs().end());
  why = ready.error();
  return why.empty() ? Event::kReady : Event::kUnfit;
}

RunResult WorkerProcess::Bury(const Task& task) {
  // Should it live, since what it sent could not be understood: it ends when nobody listens.
  close(std::exchange(socket_, -1));
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  RunResult result;
  result.set_scenario(task.scenario());
  result.set_seed(task.has_plan() ? task.plan().seed() : task.seed());
  if (task.has_plan()) *result.mutable_plan() = task.plan();
  result.set_reached(notes_->reached);
  PostMortem(notes_->recorder, status, ReadOutput(output_, settings_.sanitized || IsSanitized()),
             settings_.modules, settings_.sanitized, result);
  return result;
}

bool WorkerProcess::IsStuck() {
  FILE* file = fopen(absl::StrCat("/proc/", pid_, "/stat").c_str(), "re");
  if (file == nullptr) return false;
  char state = 0;
  unsigned long user = 0;
  unsigned long system = 0;
  // pid (name) state, ten numbers, then the ticks of CPU time; the name has no blank or bracket.
  const int read =
      std::fscanf(file, "%*d (%*[^)]) %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &state,
                  &user, &system);
  std::fclose(file);
  const std::uint64_t ticks = user + system;
  const bool same = std::exchange(cpu_ticks_, ticks) == ticks;
  return read == 3 && state == 'S' && same && notes_->recorder.running;
}

void WorkerProcess::Kill() {
  notes_->recorder.cause = static_cast<std::uint32_t>(Cause::kBlocked);
  kill(pid_, SIGKILL);
}

}  // namespace quorum::run
