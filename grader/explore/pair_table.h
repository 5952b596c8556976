#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "grader/sim/rng.h"

namespace quorum::explore {

/// A map from pairs of numbers to a number, made for being asked: one probe, rarely two.
class PairTable {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  PairTable() : slots_(1024) {}

  std::uint32_t Find(std::uint32_t a, std::uint32_t b) const {
    const std::uint64_t key = Key(a, b);
    for (std::size_t at = sim::Mix(key);; ++at) {
      const Slot& slot = slots_[at & (slots_.size() - 1)];
      if (slot.value == kNone) return kNone;
      if (slot.key == key) return slot.value;
    }
  }

  /// `a`, `b` is not there yet.
  void Add(std::uint32_t a, std::uint32_t b, std::uint32_t value) {
    if (++used_ * 2 > slots_.size()) Grow();
    Insert({Key(a, b), value});
  }

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t value = kNone;
  };

  static std::uint64_t Key(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::uint64_t>(a) << 32 | b;
  }
  void Insert(const Slot& slot) {
    std::size_t at = sim::Mix(slot.key);
    while (slots_[at & (slots_.size() - 1)].value != kNone) ++at;
    slots_[at & (slots_.size() - 1)] = slot;
  }
  void Grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.value != kNone) Insert(slot);
    }
  }

  std::vector<Slot> slots_;  // a power of two
  std::size_t used_ = 0;
};

}  // namespace quorum::explore
