#include "grader/explore/isolated.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <new>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/env/check.h"
#include "grader/explore/worlds.h"
#include "grader/run/last_words.h"
#include "grader/run/modules.h"
#include "grader/run/post_mortem.h"
#include "grader/run/sanitizer.h"
#include "grader/run/wire.h"
#include "grader/sim/flight_recorder.h"

namespace quorum::explore {
namespace {

constexpr std::uint64_t kMemory = std::uint64_t{4} << 30;
constexpr std::size_t kOutputKept = 16 * 1024;
constexpr int kPatienceMs = 20'000;  // with a handler that neither computes nor returns

std::string NameOf(const WorldSpec& spec) { return absl::StrCat(spec.lab, ".", spec.name); }

Exploration Refused(const WorldSpec& spec, std::string_view why) {
  Exploration result;
  result.set_world(NameOf(spec));
  result.mutable_failure()->set_kind(run::FAILURE_REFUSED);
  result.mutable_failure()->set_statement("module.loads");
  result.mutable_failure()->set_sentence("The implementation is a module that can be loaded.");
  result.mutable_failure()->set_detail(std::string(why));
  return result;
}

/// The life of the process that explores.
[[noreturn]] void Child(const WorldSpec& spec, const std::string& module,
                        const ExploreOptions& options, int socket, int output) {
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  const rlimit core = {0, 0};
  setrlimit(RLIMIT_CORE, &core);
  run::InstallLastWords({.memory_bytes = kMemory, .sanitized = run::IsSanitized()});
  flight::BeginRun(NameOf(spec), options.seed);
  const auto table = run::LoadStudentModule(module);
  Exploration result;
  if (!table.ok()) {
    result = Refused(spec, std::string(table.status().message()));
  } else if (const auto factories = FactoriesFor(spec, **table); !factories.ok()) {
    result = Refused(spec, std::string(factories.status().message()));
  } else {
    result = Explore(spec, *factories, options);
  }
  flight::EndRun();
  _exit(run::SendMessage(socket, result) ? 0 : 1);
}

/// Waits for the process to say something or to end; ends it when its student code sleeps.
void AwaitAnswer(int socket, pid_t pid, flight::Recorder& recorder) {
  pollfd waiting = {socket, POLLIN, 0};
  std::uint64_t progress = recorder.progress;
  while (poll(&waiting, 1, kPatienceMs) == 0) {
    if (recorder.inside && recorder.progress == progress) {
      recorder.cause = static_cast<std::uint32_t>(run::Cause::kBlocked);
      kill(pid, SIGKILL);
      return;
    }
    progress = recorder.progress;
  }
}

std::string ReadEnd(int file) {
  const off_t size = lseek(file, 0, SEEK_END);
  const off_t from = size > static_cast<off_t>(kOutputKept) ? size - kOutputKept : 0;
  std::string text(static_cast<std::size_t>(size - from), '\0');
  const ssize_t got = pread(file, text.data(), text.size(), from);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

/// Memory that a child process shares, all zero.
void* Shared(std::size_t size) {
  void* const memory =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Check(memory != MAP_FAILED, "Shared memory can be made.");
  return memory;
}

/// What came of a process; nothing when it died in the middle.
struct Visit {
  std::optional<Exploration> result;
  run::RunResult death;
};

Visit Send(const WorldSpec& spec, const std::string& module, const ExploreOptions& options) {
  int pair[2];
  Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "A socket can be made.");
  const int output = memfd_create("output", MFD_CLOEXEC);
  auto* const recorder = static_cast<flight::Recorder*>(Shared(sizeof(flight::Recorder)));
  Check(output >= 0, "A file in memory can be made.");
  const pid_t pid = fork();
  Check(pid >= 0, "A process can be started.");
  if (pid == 0) {
    flight::recorder = recorder;
    close(pair[0]);
    Child(spec, module, options, pair[1], output);
  }
  close(pair[1]);
  AwaitAnswer(pair[0], pid, *recorder);
  Visit visit;
  visit.result.emplace();
  if (!run::ReceiveMessage(pair[0], *visit.result)) visit.result.reset();
  int wait_status = 0;
  waitpid(pid, &wait_status, 0);
  if (!visit.result) {
    run::PostMortem(*recorder, wait_status, ReadEnd(output), {module}, run::IsSanitized(),
                    visit.death);
  }
  munmap(recorder, sizeof(flight::Recorder));
  close(pair[0]);
  close(output);
  return visit;
}

}  // namespace

Exploration ExploreIsolated(const WorldSpec& spec, const std::string& module,
                            const ExploreOptions& options) {
  auto* const probe = new (Shared(sizeof(Probe))) Probe;
  ExploreOptions probed = options;
  probed.probe = probe;
  Visit visit = Send(spec, module, probed);
  if (!visit.result) {
    Exploration result;
    result.set_world(NameOf(spec));
    *result.mutable_failure() = visit.death.failure();
    result.set_grader_fault(visit.death.verdict() == run::RUN_GRADER_FAULT);
    // Once more, up to the step that the process died of: what had led there?
    probe->stop_before = probe->step;
    probe->step = 0;
    if (const Visit again = Send(spec, module, probed); again.result) {
      *result.mutable_failure()->mutable_steps() = again.result->failure().steps();
    }
    visit.result = std::move(result);
  }
  munmap(probe, sizeof(Probe));
  return *std::move(visit.result);
}

}  // namespace quorum::explore
