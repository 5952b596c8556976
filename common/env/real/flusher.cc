#include "common/env/real/flusher.h"

#include <utility>

namespace quorum {

Flusher::Flusher(DurableStore& store, Listener listener)
    : store_(store), listener_(std::move(listener)), thread_([this] { Run(); }) {}

void Flusher::Request(std::uint64_t number) {
  {
    std::lock_guard lock(mutex_);
    requested_ = number;
  }
  wake_.notify_one();
}

void Flusher::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Flusher::Run() {
  for (;;) {
    std::uint64_t target = 0;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopped_ || requested_ > durable_; });
      if (stopped_) return;
      target = requested_;
    }
    absl::Status status = store_.Flush();
    const bool failed = !status.ok();
    listener_(std::move(status), target);
    if (failed) return;
    durable_ = target;
  }
}

}  // namespace quorum
