#pragma once

#include "grader/scenarios/scenario.h"

/// What part 1A promises.
namespace quorum::grader::ring_statements {

inline constexpr Statement kAnswers{
    "ring.answers", "Every call answers as hash_ring.h says, and a refused call changes nothing.",
    "hash_ring.h, HashRing; handout 1A, step 1"};

inline constexpr Statement kFirstPoint{
    "ring.first-point-clockwise",
    "A key belongs to the node of the first point at or after the key's position; behind the last "
    "point the circle goes on with the first one.",
    "Karger et al., STOC 1997; handout 1A, step 3"};

inline constexpr Statement kMembersDecide{
    "ring.members-alone-decide",
    "Where a key belongs follows from the set of members alone: not from the order in which they "
    "came, and not from nodes that have left. Of points that collide, the smaller name comes "
    "first.",
    "hash_ring.h, HashRing; handout 1A, step 4"};

inline constexpr Statement kFewKeysMove{
    "ring.only-its-keys-move",
    "When a node joins, keys move to it and to no other node; when it leaves, no key moves but its "
    "own.",
    "Karger et al., STOC 1997 (monotonicity); handout 1A, step 3"};

inline constexpr Statement kEvenShares{"ring.even-shares",
                                       "Every node has weight * points_per_unit points, so that "
                                       "its share of the keys is near its share "
                                       "of the weight.",
                                       "Dynamo, SOSP 2007, section 4.2; handout 1A, step 2"};

inline constexpr Statement kDistinctNodes{
    "ring.distinct-nodes-clockwise",
    "A preference list has the first min(n, members) distinct nodes met clockwise from the key, in "
    "that order.",
    "Dynamo, SOSP 2007, section 4.3; handout 1A, step 5"};

inline constexpr Statement kListsKeepOrder{
    "ring.lists-keep-their-order",
    "When a node leaves, it disappears from the preference lists and the others keep their order, "
    "so that the next one in line takes over.",
    "Dynamo, SOSP 2007, section 4.3; handout 1A, step 5"};

inline constexpr Statement kKetama{
    "ring.ketama-compatible",
    "A ketama ring sends every key to the server to which libmemcached sends it.",
    "libketama; hash_ring.h, Scheme::kKetama; handout 1A, step 6"};

}  // namespace quorum::grader::ring_statements
