#pragma once

#include <optional>
#include <string>

#include "grader/scenarios/hash_ring/cache_history.h"

namespace quorum::grader::cache {

/// What became of two administrators who, on two sides of a cut, gave the same epoch to two rings.
struct TwoRings {
  bool first_answered = false;   ///< the one administrator was told that the ring is installed
  bool second_answered = false;  ///< and the other one too
  std::string gone;              ///< says which acknowledged write is gone; empty: none is
};

/// What a system has to do about it, for which lab 1 has no means: both administrators get an
/// answer, one of them perhaps "no", and nothing that was acknowledged is gone.
inline bool IsResolved(const TwoRings& outcome) {
  return outcome.first_answered && outcome.second_answered && outcome.gone.empty();
}

}  // namespace quorum::grader::cache
