#include "grader/cli/lock/happenings.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

#include "common/env/real/clock.h"

namespace quorum::cli {
namespace {

/// What ends the thread that waits for signals.
constexpr int kEnough = SIGUSR1;

sigset_t Awaited() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, kEnough}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

Happenings::Happenings() {
  const sigset_t signals = Awaited();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signals_ = std::thread([this, signals] {
    for (int signal = 0; sigwait(&signals, &signal) == 0 && signal != kEnough;) {
      Add({.signal = signal});
    }
  });
}

Happenings::~Happenings() {
  pthread_kill(signals_.native_handle(), kEnough);
  signals_.join();
}

void Happenings::Add(Happening happening) {
  std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(happening));
  added_.notify_all();
}

std::optional<Happening> Happenings::Next(Time until) {
  std::unique_lock lock(mutex_);
  while (waiting_.empty()) {
    if (until == Time::max()) {
      added_.wait(lock);
    } else {
      const Duration left = until - MonotonicNow();
      if (left <= Duration::zero()) return std::nullopt;
      added_.wait_for(lock, left);
    }
  }
  Happening next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

}  // namespace quorum::cli
