#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/storage/durable_store.h"

namespace quorum {

/// A thread that waits for the disk so that the node's loop need not. Whatever was appended while
/// it waited becomes durable by one further flush: group commit.
class Flusher {
 public:
  /// Told, on the flusher's thread, which synced write is durable now, or why the flush failed;
  /// after a failure the flusher flushes no more.
  using Listener = absl::AnyInvocable<void(absl::Status status, std::uint64_t durable)>;

  Flusher(DurableStore& store, Listener listener);
  ~Flusher() { Stop(); }

  /// Asks for synced write `number`, already appended, and all before it to be made durable.
  void Request(std::uint64_t number);

  /// Waits for the flush that is going on, starts no other, and ends the thread.
  void Stop();

 private:
  void Run();

  DurableStore& store_;
  Listener listener_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t requested_ = 0;
  std::uint64_t durable_ = 0;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace quorum
