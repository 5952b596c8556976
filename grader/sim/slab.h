#pragma once

#include <cstdint>
#include <deque>
#include <vector>

namespace quorum::sim {

/// Numbered places that are used again: a ticket names one use of a place, so a stale one finds
/// nothing. What a place holds keeps its buffers from use to use, which saves most allocations.
template <class T>
class Slab {
 public:
  /// A ticket that names nothing.
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  struct Place {
    std::uint32_t generation = 0;
    bool used = false;
    T value;
  };

  /// Takes a free place. Its value is whatever the last user left.
  std::uint64_t Take() {
    std::uint32_t index;
    if (free_.empty()) {
      index = static_cast<std::uint32_t>(places_.size());
      places_.emplace_back();
    } else {
      index = free_.back();
      free_.pop_back();
    }
    places_[index].used = true;
    ++used_;
    return (static_cast<std::uint64_t>(places_[index].generation) << 32) | index;
  }
  /// The value that `ticket` names, or null when its use has ended.
  T* Find(std::uint64_t ticket) {
    const auto index = static_cast<std::uint32_t>(ticket);
    if (index >= places_.size()) return nullptr;
    Place& place = places_[index];
    return place.used && place.generation == ticket >> 32 ? &place.value : nullptr;
  }
  const T* Find(std::uint64_t ticket) const { return const_cast<Slab*>(this)->Find(ticket); }
  void Free(std::uint64_t ticket) {
    const auto index = static_cast<std::uint32_t>(ticket);
    places_[index].used = false;
    ++places_[index].generation;
    free_.push_back(index);
    --used_;
  }
  std::size_t used() const { return used_; }
  /// Calls `visit(ticket, value)` for each place in use, in the order of their numbers.
  template <class Visit>
  void ForEach(Visit visit) {
    for (std::uint32_t index = 0; index < places_.size(); ++index) {
      Place& place = places_[index];
      if (place.used)
        visit((static_cast<std::uint64_t>(place.generation) << 32) | index, place.value);
    }
  }

 private:
  std::deque<Place> places_;  // a deque, so that a value stays where it is while others are added
  std::vector<std::uint32_t> free_;
  std::size_t used_ = 0;
};

}  // namespace quorum::sim
