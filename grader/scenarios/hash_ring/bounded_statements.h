#pragma once

#include "grader/scenarios/scenario.h"

/// What part 1B promises.
namespace quorum::grader::bounded_statements {

inline constexpr Statement kAnswers{
    "bounded.answers",
    "Every call answers as bounded_load.h says, and a refused call changes nothing.",
    "bounded_load.h, BoundedLoad; handout 1B"};

inline constexpr Statement kCapacity{
    "bounded.capacity",
    "With m items placed, a node of weight w has the capacity ceil(c * m * w / W), for the m, w "
    "and W "
    "of this moment.",
    "Mirrokni et al., arXiv 1608.01350; handout 1B, step 1"};

inline constexpr Statement kAlwaysPlaceable{
    "bounded.always-placeable",
    "Every item has a place on a member: the capacities add up to at least the number of items.",
    "Mirrokni et al., arXiv 1608.01350; handout 1B, step 2"};

inline constexpr Statement kCounters{"bounded.loads-count-the-items",
                                     "A node's load is the number of items that are on it: an item "
                                     "counts on the node that it is on, "
                                     "wherever its walk began, and until it is released.",
                                     "bounded_load.h, BoundedLoad; handout 1B, step 2"};

inline constexpr Statement kNeverOver{"bounded.never-above-capacity",
                                      "After any call, no node has more items than its capacity.",
                                      "Mirrokni et al., arXiv 1608.01350; handout 1B, step 2"};

inline constexpr Statement kRule{"bounded.placement-rule",
                                 "Items that come in the order of their names, each walking "
                                 "clockwise past full nodes, end up just "
                                 "where the items are.",
                                 "bounded_load.h, the placement rule; handout 1B, step 3"};

inline constexpr Statement kMoves{
    "bounded.moves-are-told",
    "A call reports each item whose node it has changed, once, by name, and no other.",
    "bounded_load.h, BoundedLoad::Moves; handout 1B, step 3"};

inline constexpr Statement kSetsDecide{
    "bounded.history-does-not-matter",
    "Where items are follows from the set of members, the set "
    "of items and c alone: not from the order "
    "in which they came, nor from those that are gone.",
    "bounded_load.h, the placement rule; handout 1B, steps 3 and 4"};

}  // namespace quorum::grader::bounded_statements
