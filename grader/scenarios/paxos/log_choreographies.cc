// Part 2C: schedules that chance would hardly bring about, played by the test itself.

#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/paxos/left_behind.h"
#include "grader/scenarios/paxos/log_room.h"

namespace quorum::grader::paxos {
namespace {

using namespace quorum::paxos;

constexpr Statement kPipelined = {
    "paxos.pipelined",
    "A leader proposes a command at once, and does not wait until earlier ones are decided.",
    "Paxos Made Simple, section 3; handout 2C, step 5"};

constexpr char kLogPromised[] = "the acceptor promised";
constexpr char kInheritedAll[] = "the new leader has applied what was left behind";
constexpr char kOutOfOrder[] = "the last slot was accepted first";
constexpr char kAnsweredTwice[] = "one follower answered twice for the same slot";

/// A promise holds for slots that nobody has used yet.
void PlayFreshSlot(Stage& stage) {
  LogRoom room(stage, {.nodes = 3, .puppets = {2, 3}});
  const std::string command = AppendCommand("late");
  room.ledger().proposed = {CommandValue(command)};
  PrepareLogRequest prepare;
  *prepare.mutable_ballot() =
      MakeBallot(static_cast<std::uint64_t>(stage.random().Between(20, 30)), 3);
  const auto promise = room.puppet(3).Ask(1, kPrepareLog, prepare);
  if (promise.ok() && promise->promised()) stage.Observe(kLogPromised);
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

/// Several slots are under way at once, and accepted in any order.
void PlayPipelinedSlots(Stage& stage) {
  LogRoom room(stage, {.nodes = 3, .puppets = {2, 3}});
  room.puppet(2).Always<PrepareLogRequest, PrepareLogResponse>(
      kPrepareLog, [](const PrepareLogRequest& request) {
        PrepareLogResponse response;
        response.set_promised(true);
        *response.mutable_ballot() = request.ballot();
        return response;
      });
  const auto has_command = [](const AcceptEntriesRequest& request) {
    return std::any_of(request.entries().begin(), request.entries().end(),
                       [](const Entry& entry) { return !entry.no_op(); });
  };
  room.puppet(2).Always<AcceptEntriesRequest, AcceptEntriesResponse>(
      kAcceptEntries,
      [&](const AcceptEntriesRequest& request) -> std::optional<AcceptEntriesResponse> {
        if (has_command(request)) return std::nullopt;
        AcceptEntriesResponse response;
        response.set_accepted(true);
        *response.mutable_ballot() = request.ballot();
        return response;
      });
  const NodeId leader = room.AwaitLeader();
  constexpr int kCommands = 5;
  int executed = 0;
  for (int command = 0; command < kCommands; ++command) {
    room.Append(leader, fmt::format("{} ", command),
                [&](const absl::StatusOr<log::WriteResponse>&) { ++executed; });
  }
  stage.Step(fmt::format(
      "Node 1 leads by the promise of node 2, and is asked to append {} values at once. Node 2 "
      "answers nothing yet.",
      kCommands));
  std::vector<Heard<AcceptEntriesRequest, AcceptEntriesResponse>> held;
  std::set<Slot> slots;
  const sim::SimTime begin = room.world().now();
  while (slots.size() < kCommands && room.world().now() - begin < 300 * kMillisecond) {
    auto heard = room.puppet(2).Await(kAcceptEntries, has_command, 100 * kMillisecond);
    if (!heard) break;
    for (const Entry& entry : heard->request.entries()) {
      if (!entry.no_op()) slots.insert(entry.index());
    }
    held.push_back(*std::move(heard));
  }
  stage.Require(kPipelined, slots.size() == kCommands,
                fmt::format("100 simulated ms later node 2 has been asked to accept {} of the {} "
                            "commands.",
                            slots.size(), kCommands));
  for (auto late = held.rbegin(); late != held.rend(); ++late) {
    AcceptEntriesResponse response;
    response.set_accepted(true);
    *response.mutable_ballot() = late->request.ballot();
    late->responder.Reply(response);
    room.world().RunFor(3 * kMillisecond);
  }
  if (held.size() > 1) stage.Observe(kOutOfOrder);
  stage.Step("It accepts them, the last ones first.");
  room.world().RunUntil([&] { return executed == kCommands; }, kSecond);
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
       .must_observe = {kLogPromised},
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
       .name = "PipelinedSlots",
       .story =
           "Five commands are proposed at once, and a follower is slow. All five must be under "
           "way; they are accepted last one first, and applied first one first.",
       .points = 1,
       .play = PlayPipelinedSlots},
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
