#pragma once

#include <cstdint>
#include <vector>

namespace quorum::run {

/// The environment variable that holds a number from which, when it is not 0, this process derives
/// how `std::hash` of strings comes out and when unordered containers grow. It is read before main.
inline constexpr const char* kHashSaltVariable = "QUORUM_HASH_SALT";

/// While it lives, the heap is full of holes in random order, so that objects made one after the
/// other do not lie at rising addresses. A salt of 0 leaves the heap alone.
class HeapPerturbation {
 public:
  explicit HeapPerturbation(std::uint64_t salt);
  ~HeapPerturbation();
  HeapPerturbation(const HeapPerturbation&) = delete;
  HeapPerturbation& operator=(const HeapPerturbation&) = delete;

 private:
  std::vector<void*> kept_;
};

}  // namespace quorum::run
