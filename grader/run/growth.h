#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace quorum::run {

/// How large this process is, in bytes; zeros if the system does not say. Safe in a signal handler.
struct ProcessSize {
  std::uint64_t mapped = 0;    ///< what the system has granted
  std::uint64_t resident = 0;  ///< and what of it has been touched
};
ProcessSize OwnSize();

/// Tells a handler that grows without end from one that merely does not return: which of its two
/// limits it meets first depends on how long the machine takes to hand out memory. Fed with the
/// process's size at even distances while one handler runs. Does not allocate.
class Growth {
 public:
  /// What grows by less than `least` bytes may be no fault of the handler's: memory that is freed
  /// need not be given back.
  explicit Growth(std::uint64_t least) : least_(least) {}

  /// A handler begins in a process of this size.
  void Begin(std::uint64_t bytes);
  void Sample(std::uint64_t bytes);

  /// Whether the handler has grown, and not only in the first third of its time. (A vector takes new
  /// memory each time that it has doubled, and then none for as long as all before.)
  bool GoesOn() const;

 private:
  static constexpr std::size_t kSamples = 64;

  std::uint64_t least_;
  std::size_t taken_ = 0;
  // The largest size up to each sample: what a container moves out of is freed later.
  std::array<std::uint64_t, kSamples> largest_ = {};
};

}  // namespace quorum::run
