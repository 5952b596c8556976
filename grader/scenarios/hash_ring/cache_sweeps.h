#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader::cache {

// What a sweep meets.
inline constexpr char kRepeated[] = "a primary received a write that it had executed before";
inline constexpr char kLateRecord[] = "a replica received a record older than its own";
inline constexpr char kPrimaryDied[] = "a primary died while a write of its key was under way";
inline constexpr char kDiskRefused[] = "a node could not write because its disk was full";
inline constexpr char kRefusedOld[] = "a node refused a request of an older epoch";
inline constexpr char kHandOverDied[] = "a node died during a hand-over";
inline constexpr char kEpochUponEpoch[] = "a ring was installed before the last hand-over was over";
inline constexpr char kStaleGet[] =
    "an old primary that had not heard of the new ring answered a get";
inline constexpr char kDataLost[] = "a node lost its data and was replaced";

/// A crowd on a fixed ring, under the scenario's faults.
void PlayFixedRing(Stage& stage);
/// A crowd whose ring changes, under the scenario's faults.
void PlayHandOvers(Stage& stage);
/// The same, with hand-overs in chunks.
void PlayHandOversInChunks(Stage& stage);

}  // namespace quorum::grader::cache
