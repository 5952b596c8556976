#pragma once

#include "grader/scenarios/raft/raft_room.h"

namespace quorum::grader::raft {

/// A leader that is heard stays.
extern const Statement kStable;
/// A leader that hears of another one follows.
extern const Statement kDeposedFollows;

/// The highest term on any disk.
Term HighestTerm(RaftRoom& room);

/// Demands that within 20 seconds somebody leads, and goes on to lead for one.
void DemandStableLeader(Stage& stage, RaftRoom& room);

}  // namespace quorum::grader::raft
