#pragma once

#include <cstdint>
#include <deque>
#include <utility>

#include "absl/functional/any_invocable.h"

namespace quorum {

/// Holds back what a node sends until the synced writes before it are durable (external synchrony).
/// Synced writes are numbered from 1. Belongs to the node's loop.
class Outbox {
 public:
  using Effect = absl::AnyInvocable<void()>;

  /// What is sent from now on waits until synced write `number` is durable.
  void WaitFor(std::uint64_t number) { newest_ = number; }

  /// True when something sent now would leave now.
  bool open() const { return durable_ == newest_; }

  /// Lets `effect` happen now or, in the order of sending, once it need not wait any more.
  void Send(Effect effect) {
    if (open()) return effect();
    held_.emplace_back(newest_, std::move(effect));
  }

  /// The synced writes up to `number` are durable: releases what waited for them.
  void SetDurable(std::uint64_t number) {
    durable_ = number;
    while (!held_.empty() && held_.front().first <= durable_) {
      Effect effect = std::move(held_.front().second);
      held_.pop_front();
      effect();
    }
  }

 private:
  std::uint64_t newest_ = 0;   ///< the last synced write
  std::uint64_t durable_ = 0;  ///< the last one that is durable
  std::deque<std::pair<std::uint64_t, Effect>> held_;
};

}  // namespace quorum
