#include "common/env/real/event_loop.h"

#include <future>

#include "common/env/real/clock.h"

namespace quorum {

void EventLoop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void EventLoop::Stop() {
  std::vector<Task> dropped;  // destroyed without the lock: what a task holds may post again
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(posted_);
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void EventLoop::Post(Task task) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
    posted_.push_back(std::move(task));
    wake = sleeping_;
  }
  if (wake) wake_.notify_one();
}

void EventLoop::RunAndWait(Task task) {
  std::promise<void> done;
  Post([&] {
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

void EventLoop::Run() {
  std::vector<Task> batch;
  while (TakePosted(batch)) {
    for (Task& task : batch) {
      task();
      task = nullptr;
    }
    batch.clear();
    FireDueTimers();
  }
}

bool EventLoop::TakePosted(std::vector<Task>& batch) {
  std::unique_lock lock(mutex_);
  sleeping_ = true;
  const auto has_work = [this] { return stopped_ || !posted_.empty(); };
  if (timers_.empty()) {
    wake_.wait(lock, has_work);
  } else if (const Time first = timers_.begin()->first.first; first == Time::max()) {
    wake_.wait(lock, has_work);
  } else {
    using SteadyTime = std::chrono::steady_clock::time_point;
    wake_.wait_until(lock, SteadyTime(first.time_since_epoch()), has_work);
  }
  sleeping_ = false;
  batch.swap(posted_);
  return !stopped_;
}

void EventLoop::FireDueTimers() {
  if (timers_.empty()) return;
  const Time now = MonotonicNow();  // once: a timer without delay must not starve the tasks
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto timer = timers_.extract(timers_.begin());
    timer_times_.erase(timer.key().second);
    timer.mapped()();
  }
}

}  // namespace quorum
