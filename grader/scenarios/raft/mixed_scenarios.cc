// Servers of two implementations in one cluster: each half of the one under test by itself.

#include <fmt/format.h>

#include "grader/scenarios/raft/mixed_room.h"
#include "grader/scenarios/raft/stability.h"

namespace quorum::grader::raft {
namespace {

using faults::Profile;

/// Parts 3A to 3C do without snapshots.
void ObserveVotes(Stage& stage, MixedRoom& mixed) {
  Ledger& ledger = mixed.room().ledger();
  for (const auto& [term, leader] : ledger.leaders()) {
    for (const NodeId voter : ledger.votes(term, leader)) {
      if (mixed.tested().contains(voter)) return stage.Observe(kVotesCounted);
    }
  }
}

void PlayVoters(Stage& stage) {
  MixedRoom mixed = MixedRoom::OfFollowers(stage, kNoSnapshots);
  mixed.room().AwaitElected();
  mixed.CutSomeOff(3 * kSecond, true);
  mixed.room().LetThingsGoWrongFor(3 * kSecond);
  mixed.ObserveRoles();
  ObserveVotes(stage, mixed);
  stage.Heal();
  stage.Step("The faults stop: every process runs, every link works.");
  DemandStableLeader(stage, mixed.room());
}

/// Others have begun terms in which nobody leads.
void PlayCandidate(Stage& stage) {
  MixedRoom mixed = MixedRoom::OfLeader(stage, kNoSnapshots);
  RaftRoom& room = mixed.room();
  for (int round = 0; round < 4; ++round) {
    const NodeId leader = room.AwaitElected();
    const Term before = room.ledger().latest_term();
    const NodeId other = mixed.Draw(mixed.reference());
    room.CutOff(other, true);
    room.SpeedUp(other);
    room.world().RunUntil([&] { return room.ledger().server(other).term > before + 1; }, kPatience);
    room.SlowDown(other);
    room.CutOff(other, false);
    stage.Step(
        fmt::format("Server {} leads term {}. Server {} was cut off for a while, and is "
                    "back in term {}.",
                    leader, before, other, room.ledger().server(other).term));
    room.AwaitElected(before);
    if (room.ledger().latest_leader() == mixed.leader()) stage.Observe(kElectedAgain);
  }
  DemandStableLeader(stage, room);
}

void PlayClients(Stage& stage, MixedRoom& mixed, bool leaders) {
  mixed.room().AwaitLeader();
  mixed.room().StartClients(4, 25, 80 * kMillisecond);
  mixed.CutSomeOff(2 * kSecond, leaders);
  mixed.room().LetThingsGoWrongFor(2 * kSecond);
  mixed.ObserveRoles();
  mixed.room().HealAndDemandProgress();
}

void PlayFollowers(Stage& stage) {
  MixedRoom mixed = MixedRoom::OfFollowers(stage, kNoSnapshots);
  PlayClients(stage, mixed, true);
}

void PlayLeader(Stage& stage) {
  MixedRoom mixed = MixedRoom::OfLeader(stage, kNoSnapshots);
  PlayClients(stage, mixed, false);
}

/// What it misses is discarded by the others, and comes as a snapshot, while servers go on to die.
void PlaySnapshots(Stage& stage, MixedRoom& mixed, const std::set<NodeId>& late_ones) {
  RaftRoom& room = mixed.room();
  room.AwaitLeader();
  const NodeId late = mixed.Draw(late_ones);
  room.CutOff(late, true);
  room.AppendInTurn(60, 1'000);
  const auto limit = [&](std::int64_t bytes_per_second) {
    faults::Link link;
    link.set_bytes_per_second(bytes_per_second);
    for (const auto& [other, machine] : room.world().machines()) {
      if (other != late) room.world().network().SetLink(other, late, link);
    }
  };
  limit(stage.random().Between(100'000, 1'000'000));
  room.CutOff(late, false);
  stage.Step(fmt::format("Server {} misses 60 commands, and is back behind slow links.", late));
  room.StartClients(4, 15, 60 * kMillisecond);
  room.LetThingsGoWrongFor(kSecond);
  mixed.ObserveRoles();
  limit(0);
  room.HealAndDemandProgress();
}

void PlaySnapshotReceivers(Stage& stage) {
  MixedRoom mixed = MixedRoom::OfFollowers(stage, 20);
  PlaySnapshots(stage, mixed, mixed.tested());
}

void PlaySnapshotSender(Stage& stage) {
  MixedRoom mixed = MixedRoom::OfLeader(stage, 20);
  PlaySnapshots(stage, mixed, mixed.reference());
}

Scenario Half(const char* part, const char* name, const char* story, Profile profile,
              std::vector<const char*> must_observe, void (*play)(Stage&)) {
  return {.lab = "raft",
          .part = part,
          .name = name,
          .story = story,
          .points = 1,
          .seeds = 40,
          .profile = profile,
          .must_observe = std::move(must_observe),
          .play = play};
}

}  // namespace

std::vector<Scenario> MixedScenarios() {
  return {
      Half("3A", "MixedVoters",
           "Two servers of the reference stand for election and lead by turns, over a bad "
           "network. Yours only vote and follow.",
           Profile::kLossy, {kReferenceLed, kVotesCounted}, PlayVoters),
      Half("3A", "MixedCandidate",
           "Your server stands for election and leads, and all others are of the reference. Now "
           "and then one of them has begun later terms.",
           Profile::kCalm, {kElectedAgain}, PlayCandidate),
      Half("3B", "MixedFollowers",
           "Servers of the reference lead, over a bad network, and are cut off by turns with "
           "entries that nobody else has. Yours only follow.",
           Profile::kLossy, {kReferenceLed, kOverwritten, kRefused}, PlayFollowers),
      Half("3B", "MixedLeader",
           "Your server leads, over a bad network. Its followers are of the reference, and some "
           "are cut off now and then.",
           Profile::kLossy, {kTestedLed}, PlayLeader),
      Half("3C", "MixedFollowersThroughCrashes",
           "Servers of the reference lead, and yours only follow, while any of them die and "
           "restart.",
           Profile::kCrashes, {kReferenceLed, kLeaderChanged, kDiedVoted}, PlayFollowers),
      Half("3C", "MixedLeaderThroughCrashes",
           "Your server leads, and its followers are of the reference, while any of them die and "
           "restart.",
           Profile::kCrashes, {kTestedLed, kLeaderDiedBusy}, PlayLeader),
      Half("3D", "MixedSnapshotReceivers",
           "Servers of the reference lead, and yours only follow: so late that they are sent "
           "snapshots, while servers die.",
           Profile::kCrashes, {kReferenceLed, kSnapshotCame}, PlaySnapshotReceivers),
      Half("3D", "MixedSnapshotSender",
           "Your server leads, and its followers, of the reference, come so late that it must "
           "send them snapshots, while servers die.",
           Profile::kCrashes, {kTestedLed, kSnapshotCame}, PlaySnapshotSender),
  };
}

}  // namespace quorum::grader::raft
