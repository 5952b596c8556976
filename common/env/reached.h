#pragma once

#include <atomic>
#include <cstdint>

namespace quorum {

/// Code that a known bug has changed is about to run. Only mutants call this: the build puts the
/// calls there (cmake/mark_mutant.py).
void NoteReached();

/// Where that is counted from now on; null: nowhere. The counter lives as long as the process.
void CountReachedIn(std::atomic<std::uint64_t>* counter);

}  // namespace quorum
