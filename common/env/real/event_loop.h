#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "common/env/time.h"

namespace quorum {

/// Runs tasks and timers one at a time, tasks in the order of their coming.
///
/// It has a thread of its own, for timers and for whatever is waiting. But a thread that dispatches
/// a task to a loop that is idle runs it there and then, as the loop: waking another thread twice
/// an rpc would cost half as much time again as gRPC itself. One thread at a time *is* the loop,
/// and what one did is visible to the next. While it sends what a task has left to be sent, another
/// may be the loop: sending costs more than most tasks.
class EventLoop {
 public:
  using Task = absl::AnyInvocable<void()>;

  EventLoop() = default;
  ~EventLoop() { Stop(); }
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Begins to run tasks. Those that came before run first.
  void Start();

  /// Lets the task that is running finish, drops the others, and ends the thread. Not to be called
  /// by a task.
  void Stop();

  /// Adds a task that the loop's own thread runs, or whoever is the loop by then; any thread may.
  /// Once stopped, drops it.
  void Post(Task task);

  /// The same, but runs it here when the loop is idle, or is within a moment; then runs what else
  /// has come, for a while. The caller holds no lock.
  void Dispatch(Task task);

  /// Runs `task` on the loop and waits for it. The loop is running, and this is no task of it.
  void RunAndWait(Task task);

  /// Runs `effect` on this thread when the task is over and others may be the loop again: what
  /// takes long and needs nothing of the loop, such as handing a message to the network. Effects of
  /// one task run in order. Only for tasks of this loop.
  void Afterwards(Task effect) { afterwards_.push_back(std::move(effect)); }

  /// Runs `task` at `when` or soon after. Only for tasks of this loop.
  std::uint64_t AddTimer(Time when, Task task);

  /// Forgets a timer that has not fired. Only for tasks of this loop.
  void CancelTimer(std::uint64_t id);

 private:
  using TimerKey = std::pair<Time, std::uint64_t>;

  void RunThread();
  void BeLoop(std::size_t tasks);
  bool RunPosted(std::size_t& done);
  void FireDueTimers();
  void Release();
  void RunAfterwards();
  bool TakeUpAgain(bool willing);
  Time FirstTimer() const { return timers_.empty() ? Time::max() : timers_.begin()->first.first; }

  std::mutex mutex_;
  std::condition_variable wake_;  ///< for the loop's own thread
  std::condition_variable idle_;  ///< nobody is the loop
  std::vector<Task> posted_;
  std::atomic<bool> taken_ = true;  ///< somebody is the loop; before `Start`, nobody may be
  int leaving_ = 0;                 ///< threads that were the loop and run what comes afterwards
  bool started_ = false;
  bool stopped_ = false;
  Time sleeps_until_ = Time::min();  ///< when the loop's own thread, if asleep, wakes by itself

  // Of whoever is the loop.
  std::vector<Task> batch_;
  std::vector<Task> afterwards_;
  std::map<TimerKey, Task> timers_;
  std::unordered_map<std::uint64_t, Time> timer_times_;
  std::uint64_t next_timer_ = 1;

  std::thread thread_;
};

}  // namespace quorum
