#include "common/env/reached.h"

namespace quorum {
namespace {

std::atomic<std::atomic<std::uint64_t>*> reached{nullptr};

}  // namespace

void NoteReached() {
  if (auto* const counter = reached.load(std::memory_order_relaxed)) {
    counter->fetch_add(1, std::memory_order_relaxed);
  }
}

void CountReachedIn(std::atomic<std::uint64_t>* counter) { reached.store(counter); }

}  // namespace quorum
