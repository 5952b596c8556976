// Part 2C: leaders that come, go and are deposed at just the wrong moment.

#include <fmt/format.h>

#include "grader/scenarios/log/stories.h"
#include "grader/scenarios/paxos/log_room.h"

namespace quorum::grader::paxos {
namespace {

using namespace quorum::paxos;

constexpr sim::SimTime kMillisecond = 1'000'000;
constexpr sim::SimTime kSecond = 1'000 * kMillisecond;

constexpr char kDiedBehindProposal[] = "a leader died right after it had proposed";
constexpr char kReadEarly[] = "a client read at a new leader that did not know the state yet";

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

/// What was decided before a leader came, it has to know before it answers.
void PlayEarlyReader(Stage& stage) {
  LogRoom room(stage, {.nodes = 3, .puppets = {2, 3}});
  const Ballot old = MakeBallot(1, 3);
  log::RegisterCommand command;
  command.set_append("decided before ");
  PrepareLogResponse report;
  Entry& entry = *report.add_accepted();
  entry.set_index(1);
  *entry.mutable_ballot() = old;
  entry.set_command(command.SerializeAsString());
  const std::string value = CommandValue(entry.command());
  room.ledger().proposed.insert(value);
  for (const NodeId node : {2, 3}) room.ledger().AddAccept(node, 1, old, value);
  room.NoteAppended(command.append());
  stage.Step("Nodes 2 and 3 have decided an append, of which node 1 knows nothing.");
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
  bool slow = true;
  room.puppet(2).Always<AcceptEntriesRequest, AcceptEntriesResponse>(
      kAcceptEntries,
      [&slow](const AcceptEntriesRequest& request) -> std::optional<AcceptEntriesResponse> {
        if (slow && request.entries_size() > 0) return std::nullopt;
        AcceptEntriesResponse response;
        response.set_accepted(true);
        *response.mutable_ballot() = request.ballot();
        return response;
      });
  if (!room.puppet(2).Await(kAcceptEntries, [](const AcceptEntriesRequest& request) {
        return request.entries_size() > 0;
      })) {
    return;
  }
  stage.Step(
      "Node 1 comes to lead by the promise of node 2, which answers heartbeats, but is slow to "
      "accept what node 1 proposes again. A client reads at node 1.");
  for (int read = 0; read < 40; ++read) {
    room.ReadAt(1);
    room.world().RunFor(10 * kMillisecond);
  }
  stage.Observe(kReadEarly);
  slow = false;
  stage.Step("Now node 2 accepts.");
  room.world().RunUntil([&] { return room.tap().applied(1) >= 1; }, kPatience);
  room.ReadAt(1);
  room.world().RunFor(kSecond);
  room.JudgeHistory();
}

}  // namespace

std::vector<Scenario> LeaderChoreographies() {
  return {
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
       .points = 1,
       .must_observe = {kReadAtDeposed},
       .play = PlayDeposedReader},
      {.lab = "paxos",
       .part = "2C",
       .name = "EarlyReader",
       .story = "A new leader is asked to read before it knows what was decided before it. It must "
                "wait until it has applied an entry of its own.",
       .points = 1,
       .must_observe = {kReadEarly},
       .play = PlayEarlyReader},
  };
}

}  // namespace quorum::grader::paxos
