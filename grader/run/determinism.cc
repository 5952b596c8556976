#include "grader/run/determinism.h"

#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quorum::run {
namespace {

constexpr std::uint64_t kHeapSalt = 0x6865;
constexpr std::uint64_t kHashSalt = 0x6861;

/// The runs that tell one cause from another. All but the last two are as equal as can be made.
enum Probe { kPlain, kPlainAgain, kOtherHeap, kOtherHash, kProbes };

Settings SettingsOf(Probe probe, Settings settings) {
  settings.fixed_addresses = true;
  if (probe == kOtherHeap) {
    settings.fixed_addresses = false;
    settings.heap_salt = kHeapSalt;
  }
  if (probe == kOtherHash) settings.hash_salt = kHashSalt;
  return settings;
}

std::string NameCause(const std::array<RunResult, kProbes>& results) {
  if (!SameRun(results[kPlain], results[kPlainAgain])) {
    return "Not even two processes with equal memory layouts agree. It uses something that no seed "
           "determines: memory that is not initialised, the wall clock, or randomness of the "
           "operating system. Time and randomness come from Env alone.";
  }
  if (!SameRun(results[kPlain], results[kOtherHeap])) {
    return "It depends on the addresses of objects: it orders by pointers (a map or set keyed by "
           "pointers, pointers compared or hashed), or iterates over an absl hash container, whose "
           "order follows from addresses. Order by a name or a number instead.";
  }
  if (!SameRun(results[kPlain], results[kOtherHash])) {
    return "It depends on the order of an unordered container (std::unordered_map, unordered_set) "
           "or on the value of std::hash, which differ between libraries. Iterate over a std::map "
           "or a sorted copy, and hash with a function that the handout names.";
  }
  return "What made them differ did not show again. It uses something that no seed determines, "
         "such "
         "as memory that is not initialised.";
}

std::string Describe(const RunResult& result) {
  if (result.verdict() == RUN_PASSED)
    return absl::StrCat("passed after ", result.events(), " events");
  return absl::StrCat("ended at ", result.failure().statement(), " after ", result.events(),
                      " events");
}

RunResult Conclude(const RunResult& first, const RunResult& second, const std::string& cause) {
  RunResult result = first;
  result.set_verdict(RUN_FAILED);
  Failure& failure = *result.mutable_failure();
  failure.Clear();
  failure.set_kind(FAILURE_NONDETERMINISM);
  failure.set_statement("run.determinism");
  failure.set_sentence("The same module, scenario and seed make the same run, event for event.");
  failure.set_source("the contract of a node, common/env/env.h");
  failure.set_detail(absl::StrCat("The run with seed ", first.seed(), " was made twice: once it ",
                                  Describe(first), ", once it ", Describe(second), ". ", cause));
  return result;
}

}  // namespace

Settings Perturbed(Settings settings) {
  settings.heap_salt = kHeapSalt;
  settings.hash_salt = kHashSalt;
  return settings;
}

bool SameRun(const RunResult& first, const RunResult& second) {
  if (first.verdict() != second.verdict()) return false;
  if (first.failure().statement() != second.failure().statement()) return false;
  // A process that died had no time to tell its hash.
  return first.failure().kind() == FAILURE_DEATH || first.trace_hash() == second.trace_hash();
}

void Diagnose(Pool& pool, const Task& task, const Settings& settings, const RunResult& first,
              const RunResult& second, std::function<void(const RunResult&)> done) {
  struct Inquiry {
    std::array<RunResult, kProbes> results;
    int missing = kProbes;
    RunResult first, second;
    std::function<void(const RunResult&)> done;
  };
  auto inquiry = std::make_shared<Inquiry>();
  inquiry->first = first;
  inquiry->second = second;
  inquiry->done = std::move(done);
  for (int i = 0; i < kProbes; ++i) {
    const auto probe = static_cast<Probe>(i);
    pool.AddNext({.task = task,
                  .settings = SettingsOf(probe, settings),
                  .fresh = true,
                  .wanted = {},
                  .done = [inquiry, probe](const RunResult& result) {
                    inquiry->results[probe] = result;
                    if (--inquiry->missing > 0) return;
                    inquiry->done(
                        Conclude(inquiry->first, inquiry->second, NameCause(inquiry->results)));
                  }});
  }
}

}  // namespace quorum::run
