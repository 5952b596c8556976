#pragma once

#include <cstdint>
#include <utility>

namespace quorum {

/// Whoever can cancel a timer; `Env` is.
class TimerOwner {
 public:
  virtual void CancelTimer(std::uint64_t id) = 0;

 protected:
  ~TimerOwner() = default;
};

/// A pending call of a function, made by `Env::After`. Dropping or reassigning it cancels the call,
/// so a timer that should fire is kept in a field of the node. After it has fired it is inert.
class [[nodiscard]] Timer {
 public:
  /// A timer that is not pending.
  Timer() = default;
  Timer(TimerOwner& owner, std::uint64_t id) : owner_(&owner), id_(id) {}
  Timer(Timer&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), id_(other.id_) {}
  Timer& operator=(Timer&& other) noexcept {
    if (this != &other) {
      Cancel();
      owner_ = std::exchange(other.owner_, nullptr);
      id_ = other.id_;
    }
    return *this;
  }
  ~Timer() { Cancel(); }

  /// After this the function is not called any more. Harmless when it has been called already.
  void Cancel() {
    if (TimerOwner* owner = std::exchange(owner_, nullptr)) {
      owner->CancelTimer(id_);
    }
  }

 private:
  TimerOwner* owner_ = nullptr;
  std::uint64_t id_ = 0;
};

}  // namespace quorum
