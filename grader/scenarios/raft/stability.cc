#include "grader/scenarios/raft/stability.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorum::grader::raft {

const Statement kStable = {
    "raft.leadership-is-stable",
    "While its heartbeats arrive, a leader stays: nobody else begins a term.",
    "Raft, section 5.2; handout 3A, step 5"};

const Statement kDeposedFollows = {
    "raft.deposed-leader-follows", "A leader that hears of a later term leads no more.",
    "Raft, section 5.1, and figure 2, Rules for Servers (all servers); handout 3A, step 2"};

Term HighestTerm(RaftRoom& room) {
  Term highest = 0;
  for (const auto& [node, server] : room.ledger().servers()) {
    highest = std::max(highest, server.term);
  }
  return highest;
}

void DemandStableLeader(Stage& stage, RaftRoom& room) {
  Term before = 0;
  for (int second = 0; second < 20; ++second) {
    room.AwaitElected();
    before = HighestTerm(room);
    room.world().RunFor(kSecond);
    if (room.elected() != 0 && HighestTerm(room) == before) return;
  }
  stage.Require(kStable, false,
                fmt::format("In each of the last 20 simulated seconds a term began; now it is {}.",
                            HighestTerm(room)));
}

}  // namespace quorum::grader::raft
