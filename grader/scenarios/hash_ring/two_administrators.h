#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "grader/scenarios/hash_ring/cache_room.h"

namespace quorum::grader::cache {

/// What became of two administrators who, on two sides of a cut, gave the same epoch to two rings.
struct TwoRings {
  bool first_answered = false;   ///< the one administrator was told what became of its ring
  bool second_answered = false;  ///< and the other one too
  bool write_acknowledged = false;
  std::string gone;  ///< says which acknowledged write is gone; empty: none is
};

/// What a system has to do about it, for which lab 1 has no means: both administrators get an
/// answer, one of them perhaps "no", and nothing that was acknowledged is gone.
inline bool IsResolved(const TwoRings& outcome) {
  return outcome.first_answered && outcome.second_answered && outcome.gone.empty();
}

/// How two administrators work.
struct Administration {
  /// What else is on the western side, with nodes 1 and 2 and the client 0.
  std::vector<NodeId> west;
  /// The administrator of one side asks for a ring, for as long as it takes. What it returns
  /// becomes true with the answer.
  std::function<std::shared_ptr<const bool>(bool west, const Ring& ring)> ask;
  /// The network is whole again.
  std::function<void()> whole_again = [] {};
};

/// The story of lab 1's end, in a room with five nodes, two replicas and two clients at least: the
/// network falls into two, each side gets a ring of epoch 2 from its own administrator, the west
/// writes, the network is whole again, the east reads.
TwoRings PlayTwoSides(CacheRoom& room, const Administration& administration);

}  // namespace quorum::grader::cache
