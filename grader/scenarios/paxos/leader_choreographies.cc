// Part 2C: leaders that come, go and are deposed at just the wrong moment.

#include <fmt/format.h>

#include "grader/scenarios/log/stories.h"
#include "grader/scenarios/paxos/left_behind.h"
#include "grader/scenarios/paxos/log_room.h"

namespace quorum::grader::paxos {
namespace {

using namespace quorum::paxos;

constexpr char kDiedBehindProposal[] = "a leader died right after it had proposed";
constexpr char kOvertaken[] = "a leader was sent decisions that another one had brought about";
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
  const std::string appended = "decided before ";
  PrepareLogResponse report;
  *report.add_accepted() = MakeEntry(1, old, AppendCommand(appended));
  const std::string value = CommandValue(report.accepted(0).command());
  room.ledger().proposed.insert(value);
  for (const NodeId node : {2, 3}) room.ledger().AddAccept(node, 1, old, value);
  room.NoteAppended(appended);
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

/// What others have decided since is no answer to who has proposed there, also when it is fetched.
void PlayOvertakenLeader(Stage& stage) {
  LogRoom room(stage, {.nodes = 3, .puppets = {2, 3}});
  const std::vector<std::string> decided = {AppendCommand("first "), AppendCommand("second "),
                                            AppendCommand("third "), AppendCommand("fourth ")};
  const auto decide = [&](Slot slot, const Ballot& ballot) {
    const std::string value = CommandValue(decided[slot - 1]);
    room.ledger().proposed.insert(value);
    for (const NodeId node : {2, 3}) room.ledger().AddAccept(node, slot, ballot, value);
  };
  decide(1, MakeBallot(1, 3));
  room.puppet(2).Always<PrepareLogRequest, PrepareLogResponse>(
      kPrepareLog, [](const PrepareLogRequest& request) {
        PrepareLogResponse response;
        response.set_promised(true);
        *response.mutable_ballot() = request.ballot();
        response.set_committed(1);
        return response;
      });
  auto fetch = room.puppet(2).Await(kFetch, [](const FetchRequest&) { return true; });
  const auto proposed = room.puppet(2).Await(
      kAcceptEntries, [](const AcceptEntriesRequest& asked) { return asked.entries_size() > 0; },
      kSecond);
  stage.Step(
      "Node 1 comes to lead by the promise of node 2, which knows the decision of slot 1. Node 1 "
      "asks for it, and proposes in slots 2, 3 and 4 what clients want.");
  for (int value = 0; value < 2; ++value) {
    room.Append(1, fmt::format("own {} ", value), [](const absl::StatusOr<log::WriteResponse>&) {});
  }
  room.world().RunFor(20 * kMillisecond);
  if (!fetch || !proposed) return;
  const Ballot newer = MakeBallot(proposed->request.ballot().round() + 1, 3);
  for (Slot slot = 2; slot <= 4; ++slot) decide(slot, newer);
  FetchResponse response;
  response.set_committed(4);
  for (Slot slot = 1; slot <= 4; ++slot) {
    Entry& entry = *response.add_entries();
    entry.set_index(slot);
    entry.set_command(decided[slot - 1]);
  }
  fetch->responder.Reply(response);
  stage.Observe(kOvertaken);
  stage.Step(fmt::format(
      "Meanwhile node 3 leads under ballot {}, and nodes 2 and 3 have decided other commands in "
      "slots 2 to 4. Node 2 answers with all that it knows by now.",
      ToString(newer)));
  room.world().RunFor(100 * kMillisecond);
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
      {.lab = "paxos",
       .part = "2C",
       .name = "OvertakenLeader",
       .story = "A new leader fetches a decision that it misses. Before the answer comes, others "
                "have decided in its slots, and the answer tells that, too. Its own clients must "
                "not be told of success.",
       .points = 1,
       .must_observe = {kOvertaken},
       .play = PlayOvertakenLeader},
  };
}

}  // namespace quorum::grader::paxos
