// Parts 2A and 2B: what nodes that were cut off from each other have to make of it, later.

#include <fmt/format.h>

#include "grader/scenarios/paxos/statements.h"
#include "grader/scenarios/paxos/synod_requests.h"
#include "grader/scenarios/paxos/synod_room.h"

namespace quorum::grader::paxos {
namespace {

using namespace quorum::paxos;

constexpr char kDiedAlone[] = "the only node that knew the decision died, and is back";

void CutBetween(sim::World& world, NodeId one, NodeId other) {
  world.network().Cut(one, other);
  world.network().Cut(other, one);
}

/// A proposer that the scenario plays: two acceptors promise, and the first accepts. With the
/// proposer itself the promises are a quorum of five; what is accepted is not.
struct Minority {
  Ballot ballot;
  std::string value;
  NodeId accepts = 0;
  NodeId promises = 0;

  bool Prepare(SynodRoom& room) const {
    for (const NodeId node : {accepts, promises}) {
      const auto promise = room.puppet(ballot.node()).Ask(node, kPrepare, MakePrepare(ballot));
      if (!promise.ok() || !promise->promised() || !IsNone(promise->accepted())) return false;
    }
    return true;
  }
  bool Accept(SynodRoom& room) const {
    const auto answer = room.puppet(ballot.node()).Ask(accepts, kAccept, MakeAccept(ballot, value));
    return answer.ok() && answer->accepted();
  }
};

/// Of what two minorities have accepted, the higher ballot's value survives.
void PlayTwoMinorities(Stage& stage) {
  SynodRoom room(stage, 5, {4, 5});
  room.ledger().proposed = {CommandValue("older"), CommandValue("newer")};
  const auto round = static_cast<std::uint64_t>(stage.random().Between(1, 4));
  const bool same_round = stage.random().Below(2) == 0;
  const NodeId first = same_round ? 4 : static_cast<NodeId>(stage.random().Between(4, 5));
  const auto has_older = static_cast<NodeId>(stage.random().Between(1, 3));
  const NodeId has_newer = (has_older + stage.random().Below(2)) % 3 + 1;
  const NodeId has_none = 6 - has_older - has_newer;
  const Minority older = {MakeBallot(round, first), "older", has_older, has_none};
  const Minority newer = {MakeBallot(same_round ? round : round + 1, 9 - first), "newer", has_newer,
                          has_none};
  CutBetween(stage.world(), older.ballot.node(), has_newer);
  CutBetween(stage.world(), newer.ballot.node(), has_older);
  if (!older.Prepare(room) || !newer.Prepare(room)) return;
  const bool newer_accepted_first = stage.random().Below(2) == 0;
  for (const Minority& one :
       {newer_accepted_first ? newer : older, newer_accepted_first ? older : newer}) {
    if (!one.Accept(room)) return;
  }
  stage.Step(
      fmt::format("Links are cut. Node {} accepts \"older\" under ballot {}, and node {} {} "
                  "accepts \"newer\" under {}. Neither is decided.",
                  has_older, ToString(older.ballot), has_newer,
                  newer_accepted_first ? "before that" : "then", ToString(newer.ballot)));
  for (const NodeId proposer : {4, 5}) stage.world().Crash(proposer, true);
  const auto asked = static_cast<NodeId>(stage.random().Between(1, 4));
  for (NodeId node = 1; node <= 3; ++node) {
    if (asked == node || asked == 4) room.Propose(node, fmt::format("own of {}", node));
  }
  stage.Step(
      fmt::format("Nodes 4 and 5 lose power; nodes 1 to 3 reach each other. {} a client proposes "
                  "something else.",
                  asked == 4 ? "At each of them" : fmt::format("At node {}", asked)));
  room.DemandThatAllLearn();
  stage.Require(kValueOfHighest, room.ledger().Chosen(1)->value == CommandValue("newer"),
                fmt::format("{} is decided; \"newer\" was accepted under the highest ballot.",
                            Show(room.ledger().Chosen(1)->value)));
}

/// Who has learned goes on telling, also after a restart.
void PlayRestartedLearner(Stage& stage) {
  SynodRoom room(stage, 3, {2});
  room.ledger().proposed = {CommandValue("decided")};
  CutBetween(stage.world(), 1, 3);
  const Ballot ballot = MakeBallot(static_cast<std::uint64_t>(stage.random().Between(1, 9)), 2);
  room.puppet(2).Ask(1, kPrepare, MakePrepare(ballot)).IgnoreError();
  room.puppet(2).Ask(1, kAccept, MakeAccept(ballot, "decided")).IgnoreError();
  room.ledger().AddAccept(2, 1, ballot, CommandValue("decided"));
  LearnRequest learn;
  learn.set_value("decided");
  learn.set_node(2);
  const auto learned = room.puppet(2).Ask(1, kLearn, learn);
  stage.Step(
      "Nodes 1 and 2 have accepted \"decided\", and node 2 tells node 1, which cannot reach node "
      "3. Then all lose power, and node 2 for good.");
  stage.world().RunFor(stage.random().Between(0, 300) * kMillisecond);
  for (NodeId node = 1; node <= 3; ++node) stage.world().Crash(node, true);
  if (learned.ok()) stage.Observe(kDiedAlone);
  stage.world().RunFor(10 * kMillisecond);
  for (const auto& [from, to] : {std::pair(1, 3), std::pair(3, 1)}) {
    stage.world().network().Mend(static_cast<NodeId>(from), static_cast<NodeId>(to));
  }
  for (const NodeId node : {1, 3}) stage.world().Boot(node);
  stage.Step("Nodes 1 and 3 are back, and reach each other. Nobody proposes any more.");
  room.DemandThatAllLearn();
}

}  // namespace

std::vector<Scenario> CutOffChoreographies() {
  return {
      {.lab = "paxos",
       .part = "2A",
       .name = "TwoMinorities",
       .story = "While links are cut, two proposers each get one acceptor to accept, under "
                "different ballots. Both vanish; the others need each other, and must go on with "
                "the higher ballot's value.",
       .points = 1,
       .must_observe = {kTwoValues},
       .play = PlayTwoMinorities},
      {.lab = "paxos",
       .part = "2B",
       .name = "RestartedLearner",
       .story = "A node is the only one left that knows the decision, and restarts before it "
                "could tell anyone. It has to go on telling.",
       .points = 1,
       .must_observe = {kDiedAlone},
       .play = PlayRestartedLearner},
  };
}

}  // namespace quorum::grader::paxos
