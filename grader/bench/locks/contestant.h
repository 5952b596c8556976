#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "grader/bench/locks/lock_store.h"

namespace quorum::bench {

using Seconds = std::chrono::duration<double>;

/// A store and those who use it.
class Contestant {
 public:
  Contestant(std::string name, std::unique_ptr<LockStore> store, int clients, Duration patience);

  const std::string& name() const { return name_; }
  LockStore& store() { return *store_; }

  /// What client `number` does once.
  using Act = std::function<void(LockBencher& client, int number)>;
  /// So many clients do so many times what `act` says, together; what that took. `meanwhile` is
  /// called, if any, when half is begun.
  Seconds Run(int clients, int times, const Act& act,
              const std::function<void()>& meanwhile = nullptr);

  /// Of the last run: the longest time in which nobody was done.
  Seconds LongestPause() const;

 private:
  const std::string name_;
  std::unique_ptr<LockStore> store_;
  std::vector<std::unique_ptr<LockBencher>> clients_;
  std::mutex mutex_;
  std::vector<Time> done_;
};

}  // namespace quorum::bench
