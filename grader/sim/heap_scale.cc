// Stands before the C++ runtime's functions that take back memory and are told how much it is. What
// containers, smart pointers and messages free goes through them, also in modules, which find these
// definitions because the executable exports them. They hand on to what they stand before: a
// sanitizer, when there is one, compares the size with what was taken.

#include "grader/sim/heap_scale.h"

#include <dlfcn.h>

#include <new>

namespace quorum::sim {
namespace {

using SizedDelete = void (*)(void*, std::size_t);

thread_local constinit std::size_t* weighed = nullptr;

void Weigh(const void* memory, std::size_t size) {
  if (weighed != nullptr && memory != nullptr) *weighed += size;
}

/// The definition that ours stands before.
SizedDelete Original(const char* name) {
  return reinterpret_cast<SizedDelete>(dlsym(RTLD_NEXT, name));
}

}  // namespace

HeapScale::HeapScale(std::size_t& freed) { weighed = &freed; }

HeapScale::~HeapScale() { weighed = nullptr; }

}  // namespace quorum::sim

// Those that are not told stay the runtime's, or a sanitizer's.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsized-deallocation"

void operator delete(void* memory, std::size_t size) noexcept {
  static const auto original = quorum::sim::Original("_ZdlPvm");
  quorum::sim::Weigh(memory, size);
  original(memory, size);
}

void operator delete[](void* memory, std::size_t size) noexcept {
  static const auto original = quorum::sim::Original("_ZdaPvm");
  quorum::sim::Weigh(memory, size);
  original(memory, size);
}

#pragma GCC diagnostic pop
