#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "grader/run/run.pb.h"
#include "grader/run/worker.h"

namespace quorum::run {

/// What a worker process plays on, and how it is made different from other processes. Workers of
/// equal settings are interchangeable.
struct Settings {
  std::vector<std::string> modules;  ///< files
  std::uint64_t heap_salt = 0;       ///< not 0: the heap is laid out otherwise
  std::uint64_t hash_salt = 0;       ///< not 0: unordered containers order otherwise
  bool fixed_addresses = false;      ///< no randomisation of addresses by the kernel
  bool sanitized = false;            ///< the modules are built with sanitizers

  friend bool operator==(const Settings&, const Settings&) = default;
};

/// A worker process, seen from its parent. It is told several tasks ahead, answers them in order,
/// and may die at any of them.
class WorkerProcess {
 public:
  /// Starts one: this program again, with the arguments `command`, which call WorkerMain.
  WorkerProcess(Settings settings, const std::vector<std::string>& command);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  const Settings& settings() const { return settings_; }
  /// Readable when an answer waits, or the end.
  int socket() const { return socket_; }
  /// What its modules implement, once it is ready.
  const std::vector<std::string>& labs() const { return labs_; }

  /// False when the worker is gone.
  bool Send(const Task& task);

  enum class Event {
    kReady,   ///< it has loaded its modules
    kResult,  ///< of its oldest task
    kEnd,     ///< it has died; `Bury` says how
    kUnfit,   ///< it cannot use its modules; `why` is a sentence
  };
  /// Waits for what comes next.
  Event Receive(RunResult& result, std::string& why);

  /// Whether it is in the middle of a run, or died there.
  bool playing() const { return notes_->recorder.running; }

  /// Waits for the end of the dead process, and makes of it the result of its oldest task.
  RunResult Bury(const Task& task);

  /// Whether the process sleeps, and has done nothing at all since the last call.
  bool IsStuck();

  /// Ends the process, when it does not end by itself.
  void Kill();

 private:
  Settings settings_;
  int socket_ = -1;
  int output_ = -1;
  pid_t pid_ = -1;
  bool ready_ = false;
  std::vector<std::string> labs_;
  std::uint64_t cpu_ticks_ = 0;
  WorkerNotes* notes_ = nullptr;
};

}  // namespace quorum::run
