#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string_view>

/// What this process is doing, written where the process that watches it can still read it after a
/// crash. Writing costs a few nanoseconds; nothing here allocates or locks.
namespace quorum::flight {

/// A name of a handler, copied once: the watcher cannot follow this process's pointers.
struct Name {
  std::atomic<const char*> key;
  char text[88];
};

/// A place in the code of a loaded module: which one, and how far into it.
struct Frame {
  std::uint32_t module;
  std::uint64_t offset;
};

/// Flat, so that it can lie in shared memory; all zero is its initial state.
struct Recorder {
  static constexpr std::uint32_t kNames = 64;
  static constexpr std::uint32_t kSteps = 32;
  static constexpr std::uint32_t kFrames = 24;

  // The run.
  char scenario[96];
  std::atomic<std::uint64_t> seed;
  std::atomic<bool> running;
  // The handler. `progress` rises whenever student code was entered or came back.
  std::atomic<std::uint64_t> progress;
  std::atomic<std::uint32_t> node;    ///< whose handler runs; 0: nobody's
  std::atomic<std::uint32_t> name;    ///< index into `names`; meaningful while `inside`
  std::atomic<std::uint64_t> number;  ///< of the handler in its world; 0: it has none
  std::atomic<bool> inside;
  std::atomic<bool> has_part;  ///< the scenario may call student code without a handler
  Name names[kNames];
  // The scenario's narration; step i is at i % kSteps.
  std::atomic<std::uint32_t> steps_made;
  char steps[kSteps][248];
  // Why the process ends, when it can still say so: see grader/run/last_words.h.
  std::atomic<std::uint32_t> cause;
  std::atomic<bool> in_module;  ///< student code was on the stack
  char last_words[512];
  std::atomic<std::uint32_t> frames_made;
  Frame frames[kFrames];
};

inline Recorder own_recorder{};  // until somebody watches
inline Recorder* recorder = &own_recorder;

/// Copies as much of `text` as fits and ends it with a zero.
template <std::size_t kSize>
void CopyText(char (&to)[kSize], std::string_view text) {
  const std::size_t size = std::min(text.size(), kSize - 1);
  std::memcpy(to, text.data(), size);
  to[size] = '\0';
}

/// Student code is about to run for `node`: a handler, a timer, a constructor or a destructor.
/// `what` names it, for example an rpc's path, and lives as long as the process. `number` counts
/// the handlers of a world; 0: it is none.
inline void EnterHandler(std::uint32_t node, const char* what, std::uint64_t number = 0) {
  Recorder& r = *recorder;
  const auto address = reinterpret_cast<std::uintptr_t>(what);
  const std::uint32_t slot = (address ^ (address >> 6)) % Recorder::kNames;
  if (r.names[slot].key.load(std::memory_order_relaxed) != what) {
    CopyText(r.names[slot].text, what);
    r.names[slot].key.store(what, std::memory_order_relaxed);
  }
  r.node.store(node, std::memory_order_relaxed);
  r.name.store(slot, std::memory_order_relaxed);
  r.number.store(number, std::memory_order_relaxed);
  r.inside.store(true, std::memory_order_relaxed);
  r.progress.store(r.progress.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

/// It has come back.
inline void LeaveHandler() { recorder->inside.store(false, std::memory_order_relaxed); }

/// Outside of handlers: student code that a scenario calls directly has come back once more.
inline void Progress() {
  Recorder& r = *recorder;
  r.progress.store(r.progress.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

/// From now on the scenario may call student code directly.
inline void TakePart() { recorder->has_part.store(true, std::memory_order_relaxed); }

/// A step of the scenario's narration.
inline void Step(std::string_view text) {
  Recorder& r = *recorder;
  const std::uint32_t index = r.steps_made.load(std::memory_order_relaxed);
  CopyText(r.steps[index % Recorder::kSteps], text);
  r.steps_made.store(index + 1, std::memory_order_relaxed);
  Progress();
}

/// A run begins, or (`running` false) is over.
inline void BeginRun(std::string_view scenario, std::uint64_t seed) {
  Recorder& r = *recorder;
  CopyText(r.scenario, scenario);
  r.seed.store(seed, std::memory_order_relaxed);
  r.steps_made.store(0, std::memory_order_relaxed);
  r.cause.store(0, std::memory_order_relaxed);
  r.inside.store(false, std::memory_order_relaxed);
  r.has_part.store(false, std::memory_order_relaxed);
  r.in_module.store(false, std::memory_order_relaxed);
  r.running.store(true, std::memory_order_relaxed);
}
inline void EndRun() { recorder->running.store(false, std::memory_order_relaxed); }

}  // namespace quorum::flight
