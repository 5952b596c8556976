#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grader/check/statement.h"
#include "grader/faults/profile.h"

namespace quorum::grader {

class Stage;

/// One graded test: a story that is played once a seed.
struct Scenario {
  const char* lab;    ///< the lab's short name, for example "hash_ring"
  const char* part;   ///< the part that it belongs to, for example "1A"
  const char* name;   ///< in CamelCase, unique within the lab
  const char* story;  ///< what happens, in two or three sentences; printed above a failure
  int points = 0;     ///< all or nothing; 0 for a demonstration, which carries no verdict
  int seeds = 20;     ///< how many seeds it is played with unless told otherwise
  faults::Profile profile = faults::Profile::kCalm;
  bool bonus = false;  ///< its points come on top of the lab's hundred
  /// What must have happened at least once over all seeds, or the verdict is inconclusive: the
  /// scenario has then not met what it exists for. Told by `Stage::Observe`.
  std::vector<const char*> must_observe = {};
  /// Plays it. Returns normally when nothing was violated.
  void (*play)(Stage&) = nullptr;
};

/// Every scenario, lab by lab, in the order of the handouts.
const std::vector<Scenario>& AllScenarios();

}  // namespace quorum::grader
