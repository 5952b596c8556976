#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace quorum::sim {

/// Virtual nanoseconds since the start of a run.
using SimTime = std::int64_t;

/// What happens next. `kind` and the two arguments mean something to the `World` only.
struct Event {
  SimTime at = 0;
  std::uint64_t order = 0;  ///< events of one instant happen in the order in which they were added
  std::uint32_t kind = 0;
  std::uint32_t index = 0;
  std::uint64_t ticket = 0;
};

/// The future: events in order of time. A binary heap of small plain records; below a thousand
/// pending events no other kind of queue was measurably faster.
class EventQueue {
 public:
  void Add(SimTime at, std::uint32_t kind, std::uint32_t index, std::uint64_t ticket) {
    heap_.push_back({at, next_order_++, kind, index, ticket});
    std::push_heap(heap_.begin(), heap_.end(), Later);
  }
  /// Puts back an event that was taken, with its old place among events of the same instant.
  void Readd(const Event& event) {
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), Later);
  }
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  const Event& next() const { return heap_.front(); }
  Event Take() {
    std::pop_heap(heap_.begin(), heap_.end(), Later);
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }
  /// Forgets the events for which `is_dead` holds. Cancelled timers would otherwise pile up: a node
  /// that sets a timeout for each call leaves a thousand dead ones for every one that fires.
  template <class Predicate>
  void Prune(Predicate is_dead) {
    std::erase_if(heap_, is_dead);
    std::make_heap(heap_.begin(), heap_.end(), Later);
  }

 private:
  static bool Later(const Event& a, const Event& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  std::vector<Event> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace quorum::sim
