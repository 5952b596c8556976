#include "grader/run/post_mortem.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "grader/run/elf_symbols.h"
#include "grader/run/last_words.h"
#include "grader/run/sanitizer.h"

namespace quorum::run {
namespace {

using flight::Recorder;

/// Whether a sanitizer has ended the process.
bool IsSanitizerStop(Cause cause, int wait_status) {
  return cause == Cause::kNone && WIFEXITED(wait_status) &&
         WEXITSTATUS(wait_status) == kSanitizerExitCode;
}

/// What each way to die is called, which rule it breaks, and how it shows.
struct Death {
  const char* statement;
  const char* sentence;
  std::string detail;
};

/// The way to die that a sanitizer's report tells of, if it is one that we know without one.
Cause CauseOf(const std::string& report) {
  const auto tells = [&](std::string_view what) { return report.find(what) != report.npos; };
  if (tells("Sanitizer: stack-overflow")) return Cause::kStackOverflow;
  if (tells("rss limit") || tells("out of memory") || tells("allocation-size-too-big")) {
    return Cause::kMemory;
  }
  return tells("Sanitizer: SEGV") ? Cause::kSignal : Cause::kNone;
}

/// What a process would have said last if the sanitizer had left it the time.
std::string WordsOf(Cause told) {
  return told == Cause::kMemory ? "It used more memory than a run is granted." : strsignal(SIGSEGV);
}

Death DeathOf(Cause cause, const std::string& words, int wait_status) {
  switch (cause) {
    case Cause::kSignal:
      return {"process.crash", "Student code never crashes its process.",
              absl::StrCat("The process crashed: ", words, ".")};
    case Cause::kStackOverflow:
      return {"process.stack-overflow", "Recursion ends.",
              "The stack overflowed: a recursion without end, or very large local variables."};
    case Cause::kEndless:
      return {"process.endless", "Handlers return soon.",
              "It had used up its CPU time and had not returned: a loop without end?"};
    case Cause::kBlocked:
      return {"process.blocked", "Handlers never block.",
              "It slept and did nothing: it waits for a lock or a file, which nothing will free."};
    case Cause::kMemory:
      return {"process.memory", "A node uses a bounded amount of memory.", words};
    case Cause::kExit:
      return {"process.exit", "A node never ends its own process.", "It called exit."};
    case Cause::kTerminate:
      return {"process.terminate", "No exception leaves a destructor or a noexcept function.",
              absl::StrCat("The C++ runtime ended the process: ", words, ".")};
    case Cause::kNone:
      break;
  }
  if (IsSanitizerStop(cause, wait_status)) {
    return {"process.memory-safe", "Memory is used as the rules of C++ allow.",
            "A sanitizer has stopped the process; its report follows."};
  }
  if (WIFSIGNALED(wait_status)) {
    return {"process.crash", "Student code never crashes its process.",
            absl::StrCat("The process was killed: ", strsignal(WTERMSIG(wait_status)), ".")};
  }
  return {"process.exit", "A node never ends its own process.",
          absl::StrCat("The process ended with code ", WEXITSTATUS(wait_status), ".")};
}

/// The functions of modules that were on the stack, innermost first.
std::vector<std::string> Backtrace(const Recorder& recorder,
                                   const std::vector<std::string>& modules) {
  std::vector<std::string> lines;
  const std::uint32_t count = std::min(recorder.frames_made.load(), Recorder::kFrames);
  for (std::uint32_t i = 0; i < count; ++i) {
    const flight::Frame& frame = recorder.frames[i];
    if (frame.module >= modules.size()) continue;
    for (std::string& name : FunctionsAt(modules[frame.module], {frame.offset})) {
      lines.push_back(std::move(name));
    }
  }
  return lines;
}

void AddSteps(const Recorder& recorder, Failure& failure) {
  const std::uint32_t made = recorder.steps_made;
  const std::uint32_t first = made > Recorder::kSteps ? made - Recorder::kSteps : 0;
  if (first > 0) failure.add_steps(absl::StrCat("(", first, " earlier steps)"));
  for (std::uint32_t i = first; i < made; ++i) {
    failure.add_steps(recorder.steps[i % Recorder::kSteps]);
  }
}

/// Whether the functions that were on the stack are those of modules that are not graded: what is
/// graded is the first one.
bool IsBeside(const Recorder& recorder) {
  const std::uint32_t count = std::min(recorder.frames_made.load(), Recorder::kFrames);
  return count > 0 && std::all_of(recorder.frames, recorder.frames + count,
                                  [](const flight::Frame& frame) { return frame.module > 0; });
}

/// Whether student code is to blame for a death in the middle of a run.
bool IsStudents(const Recorder& recorder, Cause cause, int wait_status, bool sanitized) {
  // In a program without sanitizers only the module's own mistakes are reported.
  if (IsSanitizerStop(cause, wait_status) && sanitized && !IsSanitized()) return true;
  if (cause == Cause::kNone && WIFSIGNALED(wait_status)) {
    return recorder.inside && WTERMSIG(wait_status) != SIGKILL;  // that one comes from outside
  }
  if (recorder.inside || recorder.in_module) return true;
  // Nobody looked at the stack. The grader neither sleeps nor leaves in the middle of a run.
  return recorder.has_part && (cause == Cause::kNone || cause == Cause::kBlocked);
}

}  // namespace

void PostMortem(const Recorder& recorder, int wait_status, std::string output,
                const std::vector<std::string>& modules, bool sanitized, RunResult& result) {
  const auto cause = static_cast<Cause>(recorder.cause.load());
  const bool inside = recorder.inside;
  const bool reported = IsSanitizerStop(cause, wait_status);
  if (reported) output = SanitizerReport(output);
  const Cause told = reported ? CauseOf(output) : cause;
  const std::string words = reported ? WordsOf(told) : recorder.last_words;
  const Death death = DeathOf(told, words, wait_status);
  Failure& failure = *result.mutable_failure();
  failure.set_kind(FAILURE_DEATH);
  failure.set_statement(death.statement);
  failure.set_sentence(death.sentence);
  failure.set_source("the contract of a node, common/env/env.h");
  failure.set_detail(death.detail);
  if (IsBeside(recorder))
    failure.set_blame("No function of the module that is graded was running.");
  failure.set_sanitizer_report(reported);
  failure.set_output(std::move(output));
  if (inside) {
    result.set_died_in_handler(recorder.number);
    failure.set_node(recorder.node);
    failure.set_handler(recorder.names[recorder.name % Recorder::kNames].text);
  }
  if (recorder.in_module) {
    for (std::string& line : Backtrace(recorder, modules)) failure.add_backtrace(std::move(line));
  }
  AddSteps(recorder, failure);
  const bool students = recorder.running && IsStudents(recorder, cause, wait_status, sanitized);
  result.set_verdict(students ? RUN_FAILED : RUN_GRADER_FAULT);
}

}  // namespace quorum::run
