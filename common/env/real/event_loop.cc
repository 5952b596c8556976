#include "common/env/real/event_loop.h"

#include <future>
#include <limits>
#include <utility>

#include "common/env/real/clock.h"

namespace quorum {
namespace {

/// How many tasks a thread runs that only came to bring one, before it leaves the rest to the
/// loop's own thread: it has other work to do.
constexpr std::size_t kTasksOfAGuest = 256;

/// How often a thread looks whether the loop is free before it leaves its task there: about the
/// time that a short task takes. Two threads that send at once carry a fifth more than one.
constexpr int kLooks = 100;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

void EventLoop::Start() {
  {
    std::lock_guard lock(mutex_);
    started_ = true;
    taken_ = false;
  }
  thread_ = std::thread([this] { RunThread(); });
}

void EventLoop::Stop() {
  std::vector<Task> dropped;  // destroyed without the lock: what a task holds may post again
  {
    std::unique_lock lock(mutex_);
    stopped_ = true;
    dropped.swap(posted_);
    wake_.notify_one();
    idle_.wait(lock, [this] { return (!taken_ && leaving_ == 0) || !started_; });
  }
  if (thread_.joinable()) thread_.join();
}

void EventLoop::Post(Task task) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
    posted_.push_back(std::move(task));
    wake = !taken_;
  }
  if (wake) wake_.notify_one();
}

void EventLoop::Dispatch(Task task) {
  for (int i = 0; i < kLooks && taken_.load(std::memory_order_relaxed); ++i) Pause();
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
    if (taken_ || !posted_.empty()) {
      posted_.push_back(std::move(task));
      task = nullptr;
    }
    if (taken_.exchange(true)) return;  // whoever is the loop will see it
  }
  if (task) task();
  task = nullptr;
  BeLoop(kTasksOfAGuest);
}

void EventLoop::RunAndWait(Task task) {
  std::promise<void> done;
  Dispatch([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

std::uint64_t EventLoop::AddTimer(Time when, Task task) {
  const std::uint64_t id = next_timer_++;
  timers_.emplace(TimerKey(when, id), std::move(task));
  timer_times_.emplace(id, when);
  return id;
}

void EventLoop::CancelTimer(std::uint64_t id) {
  const auto found = timer_times_.find(id);
  if (found == timer_times_.end()) return;
  // The task goes last: what it holds may cancel another timer.
  const auto timer = timers_.extract(TimerKey(found->second, id));
  timer_times_.erase(found);
}

void EventLoop::RunThread() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (!taken_ && (!posted_.empty() || FirstTimer() <= MonotonicNow())) {
      taken_ = true;
      lock.unlock();
      BeLoop(std::numeric_limits<std::size_t>::max());
      lock.lock();
      continue;
    }
    // While another thread is the loop it may add timers, and sees to it that we wake for them.
    sleeps_until_ = taken_ ? Time::max() : FirstTimer();
    if (sleeps_until_ == Time::max()) {
      wake_.wait(lock);
    } else {
      using SteadyTime = std::chrono::steady_clock::time_point;
      wake_.wait_until(lock, SteadyTime(sleeps_until_.time_since_epoch()));
    }
    sleeps_until_ = Time::min();
  }
}

void EventLoop::BeLoop(std::size_t tasks) {
  std::size_t done = 0;
  do {
    FireDueTimers();
    while (done < tasks && RunPosted(done)) {
      FireDueTimers();
      if (!afterwards_.empty()) break;
    }
    if (afterwards_.empty()) return Release();
    RunAfterwards();
  } while (TakeUpAgain(done < tasks));
}

bool EventLoop::RunPosted(std::size_t& done) {
  {
    std::lock_guard lock(mutex_);
    if (stopped_ || posted_.empty()) return false;
    batch_.swap(posted_);
  }
  done += batch_.size();
  for (Task& task : batch_) {
    task();
    task = nullptr;
  }
  batch_.clear();
  return true;
}

void EventLoop::FireDueTimers() {
  if (timers_.empty()) return;
  const Time now = MonotonicNow();  // once: a timer without delay must not starve the tasks
  while (FirstTimer() <= now && !timers_.empty()) {
    auto timer = timers_.extract(timers_.begin());
    timer_times_.erase(timer.key().second);
    timer.mapped()();
  }
}

void EventLoop::Release() {
  std::lock_guard lock(mutex_);
  taken_ = false;
  if (stopped_) {
    idle_.notify_all();
  } else if (!posted_.empty() || FirstTimer() < sleeps_until_) {
    wake_.notify_one();
  }
}

void EventLoop::RunAfterwards() {
  std::vector<Task> effects;
  effects.swap(afterwards_);
  {
    std::lock_guard lock(mutex_);
    taken_ = false;
    ++leaving_;
    if (FirstTimer() < sleeps_until_) wake_.notify_one();
  }
  for (Task& effect : effects) {
    effect();
    effect = nullptr;
  }
}

bool EventLoop::TakeUpAgain(bool willing) {
  std::lock_guard lock(mutex_);
  --leaving_;
  if (stopped_) {
    idle_.notify_all();
    return false;
  }
  if (taken_ || posted_.empty()) return false;
  if (!willing) {
    wake_.notify_one();
    return false;
  }
  taken_ = true;
  return true;
}

}  // namespace quorum
