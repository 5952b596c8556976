// Part 2C: schedules that chance would hardly bring about, played by the test itself.

#include <fmt/format.h>

#include "grader/scenarios/log/stories.h"
#include "grader/scenarios/paxos/log_room.h"

namespace quorum::grader::paxos {
namespace {

using namespace quorum::paxos;

constexpr sim::SimTime kMillisecond = 1'000'000;
constexpr sim::SimTime kSecond = 1'000 * kMillisecond;

constexpr Statement kHolesFilled = {
    "paxos.holes-filled",
    "A new leader proposes a no-op in every slot below the last used one in which nothing was "
    "reported, or nothing behind it could ever be applied.",
    "Paxos Made Simple, section 3"};

constexpr char kPromised[] = "the acceptor promised";
constexpr char kInheritedAll[] = "the new leader has applied what was left behind";
constexpr char kDiedBehindProposal[] = "a leader died right after it had proposed";
constexpr char kAnsweredTwice[] = "one follower answered twice for the same slot";

std::string AppendCommand(const std::string& value) {
  log::RegisterCommand command;
  command.set_append(value);
  return command.SerializeAsString();
}

Entry MakeEntry(Slot slot, const Ballot& ballot, const std::string& command) {
  Entry entry;
  entry.set_index(slot);
  *entry.mutable_ballot() = ballot;
  entry.set_command(command);
  return entry;
}

/// A promise holds for slots that nobody has used yet.
void PlayFreshSlot(Stage& stage) {
  LogRoom room(stage, {.nodes = 3, .puppets = {2, 3}});
  const std::string command = AppendCommand("late");
  room.ledger().proposed = {CommandValue(command)};
  PrepareLogRequest prepare;
  *prepare.mutable_ballot() =
      MakeBallot(static_cast<std::uint64_t>(stage.random().Between(20, 30)), 3);
  const auto promise = room.puppet(3).Ask(1, kPrepareLog, prepare);
  if (promise.ok() && promise->promised()) stage.Observe(kPromised);
  stage.Step(fmt::format("Node 1 promises ballot {} to node 3.", ToString(prepare.ballot())));
  AcceptEntriesRequest accept;
  *accept.mutable_ballot() = MakeBallot(prepare.ballot().round() - stage.random().Below(2), 2);
  *accept.add_entries() =
      MakeEntry(static_cast<Slot>(stage.random().Between(1, 3)), Ballot(), command);
  room.puppet(2).Ask(1, kAcceptEntries, accept).IgnoreError();
  stage.Step(
      fmt::format("Node 2, which led under ballot {}, asks it to accept a command in slot {}, "
                  "which is not in use yet.",
                  ToString(accept.ballot()), accept.entries(0).index()));
}

/// A new leader goes on with what it is told of, and fills what is between.
void PlayInheritedSlots(Stage& stage) {
  LogRoom room(stage, {.nodes = 3, .puppets = {2, 3}});
  const Ballot old = MakeBallot(1, 3);
  const Slot hole = static_cast<Slot>(stage.random().Between(2, 3));
  PrepareLogResponse report;
  for (Slot slot = 1; slot <= 4; ++slot) {
    const std::string command = AppendCommand(fmt::format("left in {} ", slot));
    if (slot == hole) continue;
    room.ledger().proposed.insert(CommandValue(command));
    *report.add_accepted() = MakeEntry(slot, old, command);
  }
  room.puppet(2).Always<PrepareLogRequest, PrepareLogResponse>(
      kPrepareLog, [report, old](const PrepareLogRequest& request) {
        PrepareLogResponse response;
        *response.mutable_ballot() = old;
        if (request.ballot() < old) return response;
        response = report;
        response.set_promised(true);
        *response.mutable_ballot() = request.ballot();
        return response;
      });
  room.puppet(2).Always<AcceptEntriesRequest, AcceptEntriesResponse>(
      kAcceptEntries, [](const AcceptEntriesRequest& request) {
        AcceptEntriesResponse response;
        response.set_accepted(true);
        *response.mutable_ballot() = request.ballot();
        return response;
      });
  stage.Step(
      fmt::format("An earlier leader has left commands in slots 1 to 4 of node 2, but for slot "
                  "{}. Node 1 comes to lead by the promise of node 2.",
                  hole));
  const bool applied = room.world().RunUntil([&] { return room.tap().applied(1) >= 4; }, kPatience);
  stage.Require(
      kHolesFilled, applied,
      fmt::format("20 simulated seconds later node 1 has applied slots up to {}; those up "
                  "to {} are chosen.",
                  room.tap().applied(1), room.ledger().chosen_up_to()));
  stage.Observe(kInheritedAll);
}

/// A leader that dies and comes back knows no more what it has proposed.
void PlayRestartedLeader(Stage& stage) {
  LogRoom room(stage, {.nodes = static_cast<int>(stage.random().Between(3, 5))});
  const NodeId leader = room.AwaitLeader();
  for (int warm = 0; warm < 3; ++warm) room.PutAtLeader(fmt::format("before {}", warm));
  const Slot before = room.ledger().highest_chosen();
  const auto ignore = [](const absl::StatusOr<log::WriteResponse>&) {};
  for (int command = 0; command < 3; ++command) {
    room.Append(leader, fmt::format("under way {} ", command), ignore);
  }
  room.world().RunUntil([&] { return room.ledger().highest_chosen() > before; },
                        stage.random().Between(2, 4) * kMillisecond);
  room.world().Crash(leader, true);
  stage.Step(fmt::format("Node {} leads, proposes three commands and loses power.", leader));
  if (!room.ledger().acceptor(leader).accepted.empty()) stage.Observe(kDiedBehindProposal);
  room.world().RunFor(stage.random().Between(1, 100) * kMillisecond);
  room.world().Boot(leader);
  stage.Step("Soon it is back.");
  room.world().RunFor(kSecond);
  room.HealAndDemandProgress();
}

void PlayDeposedProposer(Stage& stage) {
  LogRoom room(stage, {.nodes = static_cast<int>(stage.random().Between(3, 5))});
  TellDeposedProposer(stage, room);
}

void PlayDeposedReader(Stage& stage) {
  LogRoom room(stage, {.nodes = 5});
  TellDeposedReader(stage, room);
}

/// Two answers of one follower are one vote.
void PlayAnsweredTwice(Stage& stage) {
  LogRoom room(stage, {.nodes = 5, .puppets = {2, 3, 4, 5}});
  for (const NodeId node : {2, 3}) {
    room.puppet(node).Always<PrepareLogRequest, PrepareLogResponse>(
        kPrepareLog, [](const PrepareLogRequest& request) {
          PrepareLogResponse response;
          response.set_promised(true);
          *response.mutable_ballot() = request.ballot();
          return response;
        });
  }
  stage.Step("Node 1 comes to lead by the promises of nodes 2 and 3.");
  const auto proposes = [](const AcceptEntriesRequest& request) {
    return request.entries_size() > 0;
  };
  auto first = room.puppet(2).Await(kAcceptEntries, proposes);
  if (!first) return;
  auto again = room.puppet(2).Await(
      kAcceptEntries,
      [&](const AcceptEntriesRequest& request) {
        return proposes(request) && request.ballot() == first->request.ballot();
      },
      kSecond);
  AcceptEntriesResponse response;
  response.set_accepted(true);
  *response.mutable_ballot() = first->request.ballot();
  first->responder.Reply(response);
  if (again) {
    again->responder.Reply(response);
    stage.Observe(kAnsweredTwice);
  }
  stage.Step(
      "Node 2 is slow to answer, so that it is asked again, and then answers both times. Nobody "
      "else answers.");
  room.world().RunFor(300 * kMillisecond);
}

}  // namespace

std::vector<Scenario> LogChoreographies() {
  return {
      {.lab = "paxos",
       .part = "2C",
       .name = "FreshSlot",
       .story =
           "An acceptor promises a ballot, and an earlier leader asks it to accept a command in "
           "a slot that nobody has used yet. One promise holds for all slots.",
       .points = 2,
       .must_observe = {kPromised},
       .play = PlayFreshSlot},
      {.lab = "paxos",
       .part = "2C",
       .name = "InheritedSlots",
       .story =
           "A leader has left accepted commands behind, with a hole between them. The next one "
           "must go on with them, and fill the hole.",
       .points = 2,
       .must_observe = {kInheritedAll},
       .play = PlayInheritedSlots},
      {.lab = "paxos",
       .part = "2C",
       .name = "RestartedLeader",
       .story = "A leader dies right after it has proposed, and is back soon. It must not propose "
                "anything else under the same ballot.",
       .points = 2,
       .must_observe = {kDiedBehindProposal},
       .play = PlayRestartedLeader},
      {.lab = "paxos",
       .part = "2C",
       .name = "DeposedProposer",
       .story =
           "Commands wait at a leader that is cut off, and another leader uses the same slots. "
           "When the first one learns that, its clients must not be told of success.",
       .points = 1,
       .must_observe = {kDeposed},
       .play = PlayDeposedProposer},
      {.lab = "paxos",
       .part = "2C",
       .name = "DeposedReader",
       .story =
           "A client reads at a leader that is cut off, while another one executes a put. Only a "
           "leader that has asked a quorum may answer.",
       .points = 2,
       .must_observe = {kReadAtDeposed},
       .play = PlayDeposedReader},
      {.lab = "paxos",
       .part = "2C",
       .name = "AnsweredTwice",
       .story = "One of four followers answers the same request twice. It is still one node of the "
                "three that a quorum takes.",
       .points = 1,
       .must_observe = {kAnsweredTwice},
       .play = PlayAnsweredTwice},
  };
}

}  // namespace quorum::grader::paxos
