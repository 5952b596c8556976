#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "common/env/time.h"
#include "labs/lab4_lock_service/lock_service.pb.h"

namespace quorum::cli {

/// One thing that a command waits for.
struct Happening {
  int signal = 0;                                 ///< a signal has come; 0: it is something else
  std::optional<lock_service::Event> event = {};  ///< the library tells of it
  std::optional<absl::StatusOr<lock_service::AcquireResponse>> acquired = {};
};

/// Whatever happens to a command, in one line: signals, events, answers. From its making on the
/// process takes the signals of which it hears here, INT, TERM, HUP and CHLD, in no other way; so
/// it is made before any thread.
class Happenings {
 public:
  Happenings();
  ~Happenings();
  Happenings(const Happenings&) = delete;
  Happenings& operator=(const Happenings&) = delete;

  void Add(Happening happening);
  /// Waits for the next one, until then; empty: it is too late.
  std::optional<Happening> Next(Time until = Time::max());

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<Happening> waiting_;
  std::thread signals_;
};

}  // namespace quorum::cli
