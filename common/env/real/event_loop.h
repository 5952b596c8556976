#pragma once

#include <condition_variable>
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

/// One thread that runs tasks and timers one at a time: tasks in the order of their posting.
class EventLoop {
 public:
  using Task = absl::AnyInvocable<void()>;

  EventLoop() = default;
  ~EventLoop() { Stop(); }
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Starts the thread. Tasks posted before this run first.
  void Start();

  /// Lets the task that is running finish, drops the others, and ends the thread. Not to be called
  /// by a task.
  void Stop();

  /// Adds a task; any thread may. Once stopped, drops it.
  void Post(Task task);

  /// Runs `task` on the loop and waits for it. The loop is running, and this is another thread.
  void RunAndWait(Task task);

  /// Runs `task` at `when` or soon after. Only for tasks of this loop.
  std::uint64_t AddTimer(Time when, Task task);

  /// Forgets a timer that has not fired. Only for tasks of this loop.
  void CancelTimer(std::uint64_t id);

 private:
  using TimerKey = std::pair<Time, std::uint64_t>;

  void Run();
  bool TakePosted(std::vector<Task>& batch);
  void FireDueTimers();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Task> posted_;
  bool sleeping_ = false;
  bool stopped_ = false;

  // Of the loop's thread alone.
  std::map<TimerKey, Task> timers_;
  std::unordered_map<std::uint64_t, Time> timer_times_;
  std::uint64_t next_timer_ = 1;

  std::thread thread_;
};

}  // namespace quorum
