#pragma once

#include <cstddef>

namespace quorum::sim {

/// Adds up the sizes of all objects that this thread deletes while it lives. So who lets an object
/// end learns what it had on the heap: in bytes as the code has asked for them, so that the sum is
/// the same on every machine, wherever and in whatever pieces the allocator has put them. Memory
/// that is not taken by `new` (or is given back without its size, as hardly any code does) does not
/// count.
class HeapScale {
 public:
  explicit HeapScale(std::size_t& freed);
  ~HeapScale();
  HeapScale(const HeapScale&) = delete;
  HeapScale& operator=(const HeapScale&) = delete;
};

}  // namespace quorum::sim
