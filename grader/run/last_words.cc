#include "grader/run/last_words.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#include <unwind.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "grader/run/growth.h"
#include "grader/sim/flight_recorder.h"
#include "grader/sim/handler_ended.h"

namespace quorum::run {
namespace {

using flight::Recorder;

struct Code {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};
std::array<Code, 32> module_code;
std::size_t modules = 0;
bool thrown_in_module = false;

// The handler of the stack overflow's SIGSEGV needs a stack of its own.
alignas(16) std::array<char, 256 * 1024> signal_stack;

_Unwind_Reason_Code RecordFrame(_Unwind_Context* context, void*) {
  Recorder& recorder = *flight::recorder;
  const std::uintptr_t pc = _Unwind_GetIP(context) - 1;  // the call, not what follows it
  for (std::size_t i = 0; i < modules; ++i) {
    if (pc < module_code[i].begin || pc >= module_code[i].end) continue;
    const std::uint32_t made = recorder.frames_made.load();
    recorder.in_module = true;
    recorder.frames[made] = {static_cast<std::uint32_t>(i), pc - module_code[i].begin};
    recorder.frames_made = made + 1;
    return made + 1 < Recorder::kFrames ? _URC_NO_REASON : _URC_END_OF_STACK;
  }
  return _URC_NO_REASON;
}

/// Whether a function of a module is on the caller's stack; records the frames if so.
bool RecordModuleFrames() {
  flight::recorder->frames_made = 0;
  flight::recorder->in_module = false;
  _Unwind_Backtrace(RecordFrame, nullptr);
  return flight::recorder->in_module;
}

void SayLastWords(Cause cause, std::string_view words) {
  flight::CopyText(flight::recorder->last_words, words);
  flight::recorder->cause = static_cast<std::uint32_t>(cause);
}

[[noreturn]] void Die(Cause cause, std::string_view words) {
  SayLastWords(cause, words);
  RecordModuleFrames();
  _exit(125);
}

bool IsStackOverflow(const siginfo_t* info, const void* context) {
  const auto* machine = &static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  const auto stack = static_cast<std::uintptr_t>(machine->gregs[REG_RSP]);
#elif defined(__aarch64__)
  const auto stack = static_cast<std::uintptr_t>(machine->sp);
#endif
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  // A function with a large frame touches memory far below, or steps over, the stack's end.
  return address + (1u << 20) > stack && address < stack + (1u << 16);
}

void OnFatalSignal(int number, siginfo_t* info, void* context) {
  if (number == SIGSEGV && IsStackOverflow(info, context)) Die(Cause::kStackOverflow, "");
  Die(Cause::kSignal, strsignal(number));
}

void CatchFatalSignals(bool sanitized) {
  stack_t stack = {};
  stack.ss_sp = signal_stack.data();
  stack.ss_size = signal_stack.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_sigaction = OnFatalSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int number : {SIGABRT, SIGTRAP, SIGSYS}) sigaction(number, &action, nullptr);
  if (sanitized) return;  // its own handlers print more
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(number, &action, nullptr);
}

// The watchdog: a signal after each half second of CPU time that this process has used. When that
// many of them in a row see no progress, nothing has come back meanwhile.
std::uint32_t patience = 0;
Growth growth(0);

void OnCpuTime(int) {
  static std::uint64_t last_progress = 0;
  static std::uint32_t ticks = 0;
  const Recorder& recorder = *flight::recorder;
  const std::uint64_t bytes = OwnSize().resident;
  if (!recorder.running || recorder.progress != last_progress) {
    last_progress = recorder.progress;
    ticks = 0;
    growth.Begin(bytes);
    return;
  }
  growth.Sample(bytes);
  // Outside of handlers the scenario may compute a little itself.
  const std::uint32_t borne = recorder.inside ? patience : (recorder.has_part ? 2 : 4) * patience;
  if (++ticks < borne) return;
  // A slow machine takes long to hand out what a handler asks for without end.
  if (growth.GoesOn()) Die(Cause::kMemory, "It had not returned, and grew all the while.");
  Die(Cause::kEndless, "");
}

void WatchCpuTime(const Limits& limits) {
  patience = 2 * limits.cpu_seconds;
  // A sanitizer keeps up to 256 MiB of what is freed.
  growth = Growth(limits.sanitized ? 512 << 20 : 64 << 20);
  struct sigaction action = {};
  action.sa_handler = OnCpuTime;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  sigaction(SIGPROF, &action, nullptr);
  const itimerval half_a_second = {{0, 500'000}, {0, 500'000}};
  setitimer(ITIMER_PROF, &half_a_second, nullptr);
}

/// Grants `bytes` more than what the process has already mapped.
void LimitMemory(std::uint64_t bytes) {
  bytes += OwnSize().mapped;
  const rlimit limit = {bytes, bytes};
  setrlimit(RLIMIT_AS, &limit);
}

void OnExit() {
  if (flight::recorder->running) Die(Cause::kExit, "");
}

/// What is known about the exception that nobody caught.
std::string_view DescribeException() {
  static std::string description;  // outlives the exception
  const std::exception_ptr exception = std::current_exception();
  if (!exception) return "std::terminate was called";
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    description = error.what();
  } catch (const sim::HandlerEnded& ended) {
    description = ended.sentence + " (" + ended.place() + ")";
  } catch (...) {
    description = "an exception that is no std::exception";
  }
  return description;
}

void OnTerminate() { Die(Cause::kTerminate, DescribeException()); }

}  // namespace

void AddModuleCode(std::uintptr_t begin, std::uintptr_t end) {
  if (modules < module_code.size()) module_code[modules++] = {begin, end};
}

void NoteThrow() {
  if (modules > 0) thrown_in_module = RecordModuleFrames();
}

bool LastThrowWasInModule() { return thrown_in_module; }

void InstallLastWords(const Limits& limits) {
  CatchFatalSignals(limits.sanitized);
  // A sanitizer needs the address space, and has a limit of its own.
  if (!limits.sanitized && limits.memory_bytes > 0) LimitMemory(limits.memory_bytes);
  std::set_new_handler(
      [] { Die(Cause::kMemory, "It asked for more memory than a run is granted."); });
  std::set_terminate(OnTerminate);
  std::atexit(OnExit);
  std::at_quick_exit(OnExit);
  WatchCpuTime(limits);
}

}  // namespace quorum::run
