// Part 3A, and what of part 3C is about elections.

#include <fmt/format.h>

#include "grader/scenarios/raft/stability.h"

namespace quorum::grader::raft {
namespace {

using faults::Profile;

constexpr Statement kIdleBudget = {"raft.idle-budget",
                                   "While nobody asks for anything, a leader sends each follower "
                                   "one heartbeat every 20 ms at most.",
                                   "Raft, section 5.2; handout 3A, step 5"};

/// Without clients nothing is committed but what leaders put there for themselves.
/// Counts requests, and who sends AppendEntries.
class Requests final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (message.is_response) return;
    ++sent;
    if (path == quorum::raft::kAppendEntries.path) leaders.insert(message.from);
  }
  std::uint64_t sent = 0;
  std::set<NodeId> leaders;
};

void DemandThatItStays(Stage& stage, RaftRoom& room, Requests& requests) {
  const NodeId leader = room.AwaitElected();
  room.world().RunFor(kSecond);
  const Term term = HighestTerm(room);
  requests = {};
  room.world().RunFor(2 * kSecond);
  stage.Require(
      kStable, HighestTerm(room) == term,
      fmt::format("Server {} leads and nothing goes wrong; within 2 seconds the term rises "
                  "from {} to {}.",
                  leader, term, HighestTerm(room)));
  stage.Require(kDeposedFollows, requests.leaders.size() <= 1,
                fmt::format("Within 2 seconds in which nothing goes wrong servers {} send "
                            "AppendEntries.",
                            fmt::join(requests.leaders, " and ")));
}

void PlayFirstElection(Stage& stage) {
  Requests requests;
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  room.world().Watch(requests);
  stage.Step(fmt::format("Server {} leads.", room.AwaitElected()));
  DemandThatItStays(stage, room, requests);
  const auto allowed = static_cast<std::uint64_t>(room.nodes() - 1) * 100;
  stage.Require(kIdleBudget, requests.sent <= allowed,
                fmt::format("{} servers send {} requests in 2 idle seconds; {} are allowed.",
                            room.nodes(), requests.sent, allowed));
}

void PlayReElection(Stage& stage) {
  Requests requests;
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  room.world().Watch(requests);
  const NodeId first = room.AwaitElected();
  Term term = room.ledger().latest_term();
  room.CutOff(first, true);
  const NodeId second = room.AwaitElected(term);
  stage.Step(fmt::format("Server {} leads and is cut off; server {} is elected.", first, second));
  room.CutOff(first, false);
  stage.Step(fmt::format("Server {} is back, and has to follow.", first));
  DemandThatItStays(stage, room, requests);
  std::set<NodeId> alone;
  for (NodeId node = second; room.nodes() - static_cast<int>(alone.size()) > room.nodes() / 2;
       node = node % static_cast<NodeId>(room.nodes()) + 1) {
    room.CutOff(node, true);
    alone.insert(node);
  }
  term = room.ledger().latest_term();
  room.world().RunFor(2 * kSecond);
  stage.Require(kElection, room.ledger().latest_term() == term,
                fmt::format("Servers {} are each cut off, and there is a leader of term {}.",
                            fmt::join(alone, ", "), room.ledger().latest_term()));
  stage.Step(
      fmt::format("Servers {} are each cut off: nobody is elected.", fmt::join(alone, ", ")));
  for (const NodeId node : alone) room.CutOff(node, false);
  DemandStableLeader(stage, room);
}

void PlayManyElections(Stage& stage) {
  RaftRoom room(stage, {.nodes = 7, .snapshot_every = kNoSnapshots});
  room.AwaitElected();
  for (int round = 0; round < 10; ++round) {
    std::set<NodeId> alone;
    while (alone.size() < 3) alone.insert(static_cast<NodeId>(stage.random().Between(1, 7)));
    for (const NodeId node : alone) room.CutOff(node, true);
    const Term before = room.ledger().latest_term();
    const bool led = room.world().RunUntil(
        [&] { return room.elected() != 0 && !alone.contains(room.elected()); }, 20 * kSecond);
    stage.Require(kElection, led,
                  fmt::format("Servers {} are each cut off; of the four others none leads after 20 "
                              "simulated seconds. {}",
                              fmt::join(alone, ", "), room.HowElectionsWent(before)));
    room.world().RunFor(stage.random().Between(0, 400) * kMillisecond);
    for (const NodeId node : alone) room.CutOff(node, false);
  }
  stage.Step("Ten times three servers are cut off, and each time the four others have a leader.");
  DemandStableLeader(stage, room);
}

/// Half of an even number of servers is no majority.
void PlayEvenSplit(Stage& stage) {
  RaftRoom room(stage, {.nodes = 4, .snapshot_every = kNoSnapshots});
  const NodeId leader = room.AwaitElected();
  const Term term = room.ledger().latest_term();
  // The leader's half goes on to hear from it; the other one stands for election.
  const auto step = static_cast<NodeId>(stage.random().Between(1, 3));
  const std::set<NodeId> half = {leader, (leader - 1 + step) % 4 + 1};
  room.Split(half, true);
  room.world().RunFor(3 * kSecond);
  stage.Require(
      kElection, room.ledger().latest_term() == term,
      fmt::format("Servers {} cannot talk to the two others, and there is a leader of term "
                  "{}.",
                  fmt::join(half, " and "), room.ledger().latest_term()));
  room.Split(half, false);
  stage.Step("Two of four servers cannot talk to the two others: nobody is elected.");
  DemandStableLeader(stage, room);
}

/// Everything takes equally long, so that servers that do not draw their times do the same at once.
void PlayDuellingCandidates(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  faults::Network even;
  even.set_min_delay_ns(stage.random().Between(1, 20) * kMillisecond);
  even.set_max_delay_ns(even.min_delay_ns());
  room.world().network().SetConditions(even);
  DemandStableLeader(stage, room);
}

void PlayElectionsWithFaults(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  room.AwaitElected();
  room.LetThingsGoWrongFor(3 * kSecond);
  stage.Heal();
  stage.Step("The faults stop: every process runs, every link works.");
  DemandStableLeader(stage, room);
}

}  // namespace

std::vector<Scenario> ElectionScenarios() {
  return {
      {.lab = "raft",
       .part = "3A",
       .name = "FirstElection",
       .story =
           "Three to seven servers boot on a network that works. One is elected, and stays, at "
           "the cost of its heartbeats.",
       .points = 1,
       .play = PlayFirstElection},
      {.lab = "raft",
       .part = "3A",
       .name = "ReElection",
       .story = "A leader is cut off and another one elected; the first one comes back. Then no "
                "majority can talk, and nobody must be elected.",
       .points = 1,
       .must_observe = {kLeaderChanged},
       .play = PlayReElection},
      {.lab = "raft",
       .part = "3A",
       .name = "ManyElections",
       .story = "Ten times three of seven servers, which the seed draws, are cut off; the four "
                "others must have a leader.",
       .points = 1,
       .must_observe = {kLeaderChanged},
       .play = PlayManyElections},
      {.lab = "raft",
       .part = "3A",
       .name = "EvenSplit",
       .story = "Two of four servers cannot talk to the two others. Half is no majority: nobody is "
                "elected.",
       .points = 1,
       .play = PlayEvenSplit},
      {.lab = "raft",
       .part = "3A",
       .name = "DuellingCandidates",
       .story = "All messages take equally long. Servers whose election timeouts are not random "
                "stand for election at the same moments for ever.",
       .points = 1,
       .play = PlayDuellingCandidates},
      {.lab = "raft",
       .part = "3A",
       .name = "ElectionsUnderLoss",
       .story = "Messages are dropped, repeated, reordered and delayed for long while servers are "
                "elected. Then the network works, and one stays.",
       .points = 1,
       .seeds = 200,
       .profile = Profile::kLossy,
       .must_observe = {kLeaderChanged},
       .play = PlayElectionsWithFaults},
      {.lab = "raft",
       .part = "3A",
       .name = "ElectionsOverCutLinks",
       .story = "Links are cut, one way or both, slow or flapping, while servers are elected. Then "
                "the network works, and one stays.",
       .points = 1,
       .seeds = 200,
       .profile = Profile::kPartitions,
       .must_observe = {kLeaderChanged, kVoteSplit, kTwoLeaders},
       .play = PlayElectionsWithFaults},
      {.lab = "raft",
       .part = "3C",
       .name = "ElectionsThroughCrashes",
       .story = "Servers die, also in the middle of a handler, and come back with what their disks "
                "have kept: they still know in which term they were, and for whom they have voted.",
       .points = 2,
       .seeds = 200,
       .profile = Profile::kCrashes,
       .must_observe = {kLeaderChanged, kDiedVoted},
       .play = PlayElectionsWithFaults},
  };
}

}  // namespace quorum::grader::raft
