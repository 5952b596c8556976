// Part 3E: a server that does not vote any more, and whose log is the only one that can win.

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "grader/scenarios/raft/administrator.h"
#include "grader/scenarios/raft/microscope.h"

namespace quorum::grader::raft {
namespace {

constexpr Statement kStandsWhileNeeded = {
    "raft.stands-while-needed",
    "A server stands for election as long as any configuration in its log, from the last one on "
    "that it knows to be committed, has it vote: no other log may be able to win.",
    "Raft, section 6; thesis, section 4.2.2; handout 3E, step 5"};

constexpr char kStood[] = "server 1 stood, and its last configuration does not have it vote";
constexpr char kBooted[] = "server 1 booted with several configurations in its log";

Membership Between(const Membership& before, const Membership& after) {
  return {.voters = before.voters, .new_voters = after.voters};
}

/// It is sent what happened while nobody called it: that it was taken in again, and left out again.
void TellWhatHappened(Stage& stage, Microscope& lens, NodeId leader) {
  const Membership without = Voters(2, 4);
  const Membership back = {.voters = {1, 5, 6}};
  lens.AppendThese(
      leader, 2, 2, 1,
      {Microscope::MakeEntry(3, 1, Between(without, back)), Microscope::MakeEntry(4, 1, back),
       Microscope::MakeEntry(5, 1, Between(back, without)), Microscope::MakeEntry(6, 1, without)},
      2);
  if (stage.random().Below(2) == 0) return;
  lens.world().Crash(1, true);
  lens.world().Boot(1);
  stage.Observe(kBooted);
  stage.Step("Server 1 loses power, and boots.");
  lens.Append(leader, 2, 6, 1, {}, 2);
}

void PlayStillNeeded(Stage& stage) {
  Microscope lens(stage, {.nodes = 3, .joiners = 3});
  // The scenario's majorities have committed this.
  for (const Membership& membership : {Between(Voters(1, 3), Voters(2, 4)), Voters(2, 4)}) {
    lens.room().ledger().Assume({1, kNoOp, std::make_shared<const Membership>(membership)});
  }
  lens.AppendThese(2, 1, 0, 0,
                   {Microscope::MakeEntry(1, 1, Between(Voters(1, 3), Voters(2, 4))),
                    Microscope::MakeEntry(2, 1, Voters(2, 4))},
                   1);
  lens.Append(2, 1, 2, 1, {}, 2);
  const auto leader = static_cast<NodeId>(stage.random().Between(5, 6));
  TellWhatHappened(stage, lens, leader);
  stage.Step(fmt::format(
      "Server {} dies, for good. It did not know either what of that is committed, and servers 2 "
      "to 4 lack the last entry: they cannot win without the vote of server 1.",
      leader));
  const auto stands = [&] {
    return std::ranges::any_of(lens.room().ledger().candidacies(), [](const auto& candidacy) {
      return candidacy.first.second == 1 && candidacy.first.first > 2;
    });
  };
  stage.Require(kStandsWhileNeeded, lens.world().RunUntil(stands, kPatience),
                "Server 1 knows the configuration [2, 3, 4] to be committed. Behind it there are "
                "[2, 3, 4 and 1, 5, 6], [1, 5, 6], [1, 5, 6 and 2, 3, 4] and [2, 3, 4] in its log. "
                "It hears from no leader, and does not stand within 20 simulated seconds.");
  stage.Observe(kStood);
  lens.Support({2, 3});
  lens.AwaitLead(2);
  const bool committed =
      lens.world().RunUntil([&] { return lens.ledger().committed_up_to() > 6; }, kPatience);
  stage.Require(kStandsWhileNeeded, committed,
                "Servers 2 and 3 have elected server 1 and hold all that it sends; after 20 "
                "simulated seconds it has committed nothing of its term.");
}

}  // namespace

std::vector<Scenario> NeededLogMicroscopes() {
  return {{.lab = "raft",
           .part = "3E",
           .name = "StillNeeded",
           .story =
               "A server has left the cluster. While nobody called it, it was taken in again, and "
               "left out again. Whoever tells it of all that dies, and nobody can win an election "
               "but this server.",
           .points = 1,
           .must_observe = {kStood, kBooted},
           .play = PlayStillNeeded}};
}

}  // namespace quorum::grader::raft
