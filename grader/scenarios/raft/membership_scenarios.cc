// Part 3E: clusters that change, with whatever else happens.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "grader/scenarios/raft/administrator.h"
#include "grader/scenarios/raft/raft_room.h"

namespace quorum::grader::raft {
namespace {

using faults::Profile;

constexpr Statement kAvailable = {
    "raft.change-keeps-available",
    "While a change is on its way commands are executed, whether the new servers run or not.",
    "Raft, section 6; handout 3E, step 4"};
constexpr Statement kGivesUpChanges = {
    "raft.gives-up-changes",
    "A change whose new servers do not answer is given up: the administrator is told, and they "
    "stay "
    "learners.",
    "raft.proto, ChangeMembershipResponse; thesis, section 4.2.1; handout 3E, step 4"};
constexpr Statement kDisruption = {
    "raft.removed-does-not-disrupt",
    "With the feature \"membership\", a server that is no member any more does not bring about "
    "another term while there is a leader.",
    "Raft, end of section 6; handout 3E, step 7"};

constexpr char kNewcomerHadSnapshot[] = "a new server was sent a snapshot";
constexpr char kGaveUp[] = "a change was given up";
constexpr char kRemovedStood[] = "a server that was removed stood for election";
constexpr char kLeaderDiedJoint[] = "a leader died with C_old,new as its last configuration";
constexpr char kChangedAmidFaults[] = "a new configuration was committed while faults lasted";
constexpr char kSeparated[] = "C_old,new was in use while links were cut";

RegisterRoom::Options Options(int nodes, int joiners) {
  return {.nodes = nodes, .joiners = joiners, .snapshot_every = 10, .features = {"membership"}};
}

/// Demands that a command is executed as things are.
void DemandCommand(Stage& stage, RaftRoom& room, const std::string& when,
                   sim::SimTime within = 20 * kSecond) {
  bool executed = false;
  const sim::SimTime give_up = room.world().now() + within;
  for (int attempt = 1; !executed && room.world().now() < give_up; ++attempt) {
    const NodeId leader = room.AwaitLeader();
    const auto answer = std::make_shared<std::optional<bool>>();
    // What became of an attempt may stay unknown: each has a value of its own.
    room.AppendAt(leader, fmt::format("{} ({}) ", when, attempt),
                  [answer](bool known) { *answer = known; });
    room.world().RunUntil([&] { return answer->has_value(); }, 5 * kSecond);
    executed = answer->value_or(false);
    if (!executed) room.world().RunFor(50 * kMillisecond);
  }
  stage.Require(
      kAvailable, executed,
      fmt::format("For {} simulated seconds no command is executed: {}. Committed is the "
                  "configuration [{}].",
                  within / kSecond, when, NameMembers(*room.ledger().CommittedMembership())));
}

void PlayGrow(Stage& stage) {
  RaftRoom room(stage, Options(3, 2));
  Administrator administrator(stage, room);
  for (int command = 0; command < 15; ++command) room.PutAtLeader(fmt::format("{}", command));
  const NodeId leader = room.AwaitLeader();
  const NodeId down = leader % 3 + 1;
  room.world().Crash(down, true);
  room.world().Crash(4, true);
  administrator.Ask(leader, Voters(1, 4));
  stage.Step(
      fmt::format("Servers {} and 4 are down when the leader is asked for [1, 2, 3, 4].", down));
  room.world().RunFor(500 * kMillisecond);
  // Sooner than the change is given up, if it holds anything up.
  DemandCommand(stage, room, "two of three voters run", 3 * kSecond);
  if (stage.random().Below(2) == 0) {
    room.world().RunUntil([&] { return !administrator.waits(); }, 20 * kSecond);
    stage.Require(kGivesUpChanges, !administrator.waits(),
                  "Server 4, which is to vote, is down for 20 simulated seconds; the administrator "
                  "who has asked for it waits for an answer.");
    stage.Observe(kGaveUp);
  }
  room.world().Boot(down);
  room.world().Boot(4);
  administrator.BringAbout(Voters(1, 5));
  for (const NodeId node : {4, 5}) {
    if (room.ledger().servers().at(node).snapshot_index > 0) stage.Observe(kNewcomerHadSnapshot);
  }
  const auto first = static_cast<NodeId>(stage.random().Between(1, 3));
  for (const NodeId node : {first, first % 3 + 1}) room.world().Crash(node, true);
  stage.Step("Two of the three old servers die.");
  DemandCommand(stage, room, "three of five voters run");
  room.HealAndDemandProgress();
}

void PlayReplaceAll(Stage& stage) {
  RaftRoom room(stage, Options(3, 4));
  Administrator administrator(stage, room);
  room.AwaitLeader();
  room.StartClients(3, 30, 30 * kMillisecond);
  room.world().RunFor(stage.random().Between(100, 600) * kMillisecond);
  const auto lost = static_cast<NodeId>(stage.random().Between(1, 3));
  room.world().Crash(lost, true);
  room.world().machine(lost).disk.Wipe();
  room.world().Boot(lost);
  stage.Step(fmt::format("Server {} loses its disk, and takes no part any more.", lost));
  Membership repaired = Voters(1, 4);
  repaired.voters.erase(lost);
  administrator.BringAbout(repaired);
  room.world().RunFor(stage.random().Between(0, 300) * kMillisecond);
  administrator.BringAbout(Voters(5, 7));
  for (NodeId node = 1; node <= 4; ++node) room.world().Crash(node, true);
  stage.Step("Servers 1 to 4 die.");
  DemandCommand(stage, room, "all three voters run");
  room.HealAndDemandProgress();
}

/// Whether somebody who is no member has asked for votes in a later term than `after`.
bool StrangerStood(RaftRoom& room, Term after) {
  const MembershipPtr members = room.ledger().CommittedMembership();
  return std::ranges::any_of(room.ledger().candidacies(), [&](const auto& candidacy) {
    return candidacy.first.first > after && !members->Includes(candidacy.first.second);
  });
}

void DemandQuiet(Stage& stage, RaftRoom& room) {
  room.world().RunFor(3 * kSecond);  // a leader that has left gives way to another one
  room.AwaitElected();
  const Term term = room.ledger().latest_term();
  room.world().RunFor(3 * kSecond);
  if (StrangerStood(room, 0)) stage.Observe(kRemovedStood);
  stage.Require(
      kDisruption, room.ledger().latest_term() == term,
      fmt::format("The configuration is [{}], and nothing goes wrong but that others time "
                  "out. Within 3 seconds the leader of term {} gives way to that of term "
                  "{}.",
                  NameMembers(*room.ledger().CommittedMembership()), term,
                  room.ledger().latest_term()));
}

/// One server is left in the end.
void PlayShrink(Stage& stage) {
  RaftRoom room(stage, Options(5, 0));
  Administrator administrator(stage, room);
  Membership members = Voters(1, 5);
  room.AwaitLeader();
  room.StartClients(3, 60, 60 * kMillisecond);
  while (members.voters.size() > 1) {
    const NodeId leader = room.AwaitElected();
    const bool follower = members.voters.size() == 4 || stage.random().Below(3) == 0;
    NodeId leaves = leader;
    if (follower || !members.voters.contains(leaves)) {
      leaves = *std::ranges::find_if(members.voters, [&](NodeId node) { return node != leader; });
    }
    members.voters.erase(leaves);
    administrator.BringAbout(members);
    if (members.voters.size() == 3) DemandQuiet(stage, room);
  }
  DemandCommand(stage, room, "the only voter runs");
  room.HealAndDemandProgress();
}

/// Who dies with C_old,new.
class Deaths final : public sim::Monitor {
 public:
  Deaths(Stage& stage, RaftRoom& room) : stage_(stage), room_(room) {}
  void OnCrash(NodeId node, const sim::Disk&) override {
    const bool led = room_.ledger().latest_leader() == node;
    if (led && room_.ledger().MembershipOf(node)->joint()) stage_.Observe(kLeaderDiedJoint);
  }

 private:
  Stage& stage_;
  RaftRoom& room_;
};

/// The leader dies before one of its sends or writes, which the seed draws.
void PlayChangeThroughCrashes(Stage& stage) {
  RaftRoom room(stage, Options(3, 3));
  Deaths deaths(stage, room);
  room.world().Watch(deaths);
  Administrator administrator(stage, room);
  room.AwaitLeader();
  room.StartClients(3, 20, 60 * kMillisecond);
  room.world().RunFor(100 * kMillisecond);
  for (int round = 0; round < 3; ++round) {
    const Membership wanted = DrawMembership(stage, 6);
    const NodeId leader = room.AwaitLeader();
    const auto effect = static_cast<std::uint32_t>(stage.random().Between(1, 80));
    administrator.Ask(leader, wanted);
    room.world().CrashBeforeEffect(leader, effect);
    const auto down = [&] { return !room.world().machine(leader).up(); };
    room.world().RunUntil(down, kSecond);
    stage.Step(
        fmt::format("Server {} is asked for [{}], and dies before it sends or writes for the "
                    "{}th time.",
                    leader, NameMembers(wanted), effect));
    room.world().CrashBeforeEffect(leader, 0);
    if (stage.random().Below(3) == 0) {
      const auto other = static_cast<NodeId>(stage.random().Between(1, 6));
      room.world().Crash(other, true);
      room.world().RunFor(stage.random().Between(1, 300) * kMillisecond);
      room.world().Boot(other);
    }
    room.world().RunFor(stage.random().Between(1, 500) * kMillisecond);
    room.world().Boot(leader);
  }
  room.HealAndDemandProgress();
  administrator.BringAbout(DrawMembership(stage, 6));
  room.DemandThatAllApply();
}

/// A leader that is cut off goes on alone: what it writes, a later one overwrites.
void LeadAlone(Stage& stage, RaftRoom& room) {
  const NodeId leader = room.AwaitElected();
  const Term term = room.ledger().latest_term();
  room.Split({leader}, true);
  for (int command = 0; command < 3; ++command) room.AppendAt(leader, fmt::format("{}? ", command));
  stage.Step(fmt::format("Server {}, which leads, is cut off, and asked to append.", leader));
  room.AwaitElected(term);
  room.Split({leader}, false);
  const auto replaced = [&] { return stage.observed().contains(kOverwritten); };
  room.world().RunUntil(replaced, 5 * kSecond);
}

/// The leader dies with C_old,new, sent or not; returns who it was.
NodeId DieJoint(Stage& stage, RaftRoom& room, Administrator& administrator) {
  Membership wanted = DrawMembership(stage, 6);
  while (wanted.voters == Voters(1, 3).voters) wanted = DrawMembership(stage, 6);
  const NodeId leader = room.AwaitElected();
  administrator.Ask(leader, wanted);
  const auto joint = [&] { return room.ledger().MembershipOf(leader)->joint(); };
  if (room.world().RunUntil(joint, 5 * kSecond) && stage.random().Below(2) == 0) {
    room.world().RunFor(stage.random().Between(0, 500) * kMillisecond / 1000);
  }
  room.world().Crash(leader, true);
  stage.Step(fmt::format("Server {}, which leads, is asked for [{}], and dies on the way there.",
                         leader, NameMembers(wanted)));
  return leader;
}

void PlayWithFaults(Stage& stage) {
  RaftRoom room(stage, Options(3, 3));
  Deaths deaths(stage, room);
  room.world().Watch(deaths);
  Administrator administrator(stage, room);
  LeadAlone(stage, room);
  room.StartClients(4, 25, 80 * kMillisecond);
  const NodeId died = DieJoint(stage, room, administrator);
  room.world().At(room.world().now() + stage.random().Between(1, 500) * kMillisecond,
                  [&room, died] { room.world().Boot(died); });
  const LogIndex before = room.ledger().CommittedMembership(room.ledger().committed_up_to()).first;
  administrator.AskNowAndThen(room.world().now() + 3 * kSecond);
  room.LetThingsGoWrongFor(3 * kSecond);
  if (room.ledger().CommittedMembership(room.ledger().committed_up_to()).first > before) {
    stage.Observe(kChangedAmidFaults);
  }
  room.HealAndDemandProgress();
  administrator.BringAbout(DrawMembership(stage, 6));
  room.DemandThatAllApply();
}

/// Every pair of sides, at any time of the change.
void PlayChangeWhileCut(Stage& stage) {
  RaftRoom room(stage, Options(3, 3));
  Administrator administrator(stage, room);
  room.AwaitLeader();
  room.StartClients(3, 30, 60 * kMillisecond);
  for (int round = 0; round < 4; ++round) {
    const Membership wanted = DrawMembership(stage, 6);
    administrator.Ask(room.AwaitLeader(), wanted);
    room.world().RunFor(stage.random().Between(0, 60) * kMillisecond);
    std::set<NodeId> side;
    for (NodeId node = 1; node <= 6; ++node) {
      if (stage.random().Below(2) == 0) side.insert(node);
    }
    room.Split(side, true);
    stage.Step(fmt::format("The leader is asked for [{}]; servers {} are cut from the others.",
                           NameMembers(wanted), fmt::join(side, ", ")));
    for (int time = 0; time < 10; ++time) {
      room.world().RunFor(stage.random().Between(20, 150) * kMillisecond);
      const auto asked = static_cast<NodeId>(stage.random().Between(1, 6));
      administrator.Ask(asked, DrawMembership(stage, 6));
      const bool joint = std::ranges::any_of(room.ledger().servers(), [&](const auto& server) {
        return room.ledger().MembershipOf(server.first)->joint();
      });
      if (joint) stage.Observe(kSeparated);
    }
    room.Split(side, false);
    room.world().RunFor(stage.random().Between(0, 600) * kMillisecond);
  }
  room.HealAndDemandProgress();
  administrator.BringAbout(DrawMembership(stage, 6));
  room.DemandThatAllApply();
}

}  // namespace

std::vector<Scenario> MembershipScenarios() {
  return {
      {.lab = "raft",
       .part = "3E",
       .name = "Grow",
       .story = "A cluster of three is to have a fourth server, which is down, as is one of the "
                "three: the others must go on, and not wait for ever. Then two servers join, which "
                "need a snapshot, and two old ones die.",
       .points = 1,
       .must_observe = {kNewcomerHadSnapshot, kGaveUp},
       .play = PlayGrow},
      {.lab = "raft",
       .part = "3E",
       .name = "Shrink",
       .story = "Five servers become one. Mostly it is the leader that leaves. Those who have left "
                "still run, hear no leader, and stand for election.",
       .points = 1,
       .must_observe = {kRemovedStood, kLeaderChanged},
       .play = PlayShrink},
      {.lab = "raft",
       .part = "3E",
       .name = "ReplaceAll",
       .story = "One of three servers loses its disk, and another one takes its place. Then three "
                "others take the places of all, which die.",
       .points = 1,
       .must_observe = {kServerLostDisk, kLeaderChanged},
       .play = PlayReplaceAll},
      {.lab = "raft",
       .part = "3E",
       .name = "ChangeWhileCut",
       .story = "Links are cut in the middle of a change, and administrators ask both sides for "
                "others.",
       .points = 1,
       .seeds = 200,
       .must_observe = {kSeparated, kLeaderChanged, kOverwritten},
       .play = PlayChangeWhileCut},
      {.lab = "raft",
       .part = "3E",
       .name = "ChangeThroughCrashes",
       .story =
           "A leader dies in the middle of a change, at any point of it, and is back soon; three "
           "times.",
       .points = 1,
       .seeds = 200,
       .must_observe = {kLeaderDiedJoint, kLeaderChanged},
       .play = PlayChangeThroughCrashes},
      {.lab = "raft",
       .part = "3E",
       .name = "ChangeWhateverHappens",
       .story =
           "A leader that was cut off comes back, and another one dies in the middle of a change. "
           "Then come all faults of the machine room at once, but for lost disks, while an "
           "administrator changes the configuration and clients append, put and read.",
       .points = 1,
       .seeds = 200,
       .profile = Profile::kEverything,
       .must_observe = {kChangedAmidFaults, kLeaderDiedJoint, kLeaderChanged, kOverwritten},
       .play = PlayWithFaults},
  };
}

}  // namespace quorum::grader::raft
