// Parts 2B and 2C: what an acceptor has lost with its disk, and what a leader's messages have
// lost on their way.

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "grader/scenarios/paxos/left_behind.h"
#include "grader/scenarios/paxos/log_room.h"
#include "grader/scenarios/paxos/synod_requests.h"
#include "grader/scenarios/paxos/synod_room.h"

namespace quorum::grader::paxos {
namespace {

using namespace quorum::paxos;

constexpr Statement kProposesAgain = {
    "paxos.proposes-again",
    "What gets lost on its way to the acceptors is proposed again, until a quorum has accepted it "
    "or its proposer was told that it is not known what becomes of it.",
    "Paxos Made Simple, section 2.2 (messages can be lost); handout 2C, step 5"};

constexpr char kHadPromised[] = "the node had promised before it lost its disk";
constexpr char kWasLost[] = "a proposal was lost on its way to a quorum";

/// Node 1 loses power and its disk, and is back.
void LoseDisk(Stage& stage) {
  stage.world().Crash(1, true);
  stage.world().machine(1).disk.Wipe();
  stage.world().RunFor(10 * kMillisecond);
  stage.world().Boot(1);
  stage.Step("Node 1 loses power, and its disk with it, and boots again.");
}

/// Who does not know what it has promised promises nothing.
void PlayLostPromise(Stage& stage) {
  SynodRoom room(stage, 3, {2, 3});
  room.ledger().proposed = {CommandValue("decided"), CommandValue("other")};
  const auto high = MakeBallot(static_cast<std::uint64_t>(stage.random().Between(3, 9)), 3);
  const auto promise = room.puppet(3).Ask(1, kPrepare, MakePrepare(high));
  if (promise.ok() && promise->promised()) stage.Observe(kHadPromised);
  stage.Step(fmt::format("Node 1 promises ballot {} to node 3.", ToString(high)));
  if (stage.random().Below(2) == 0) {
    room.puppet(3).Ask(1, kAccept, MakeAccept(high, "decided")).IgnoreError();
    stage.Step("It accepts \"decided\" under that, which makes a quorum with node 3 itself.");
  }
  LoseDisk(stage);
  const auto other = MakeBallot(high.round() + stage.random().Below(3) - 1, 2);
  if (stage.random().Below(2) == 0) {
    room.puppet(2).Ask(1, kPrepare, MakePrepare(other)).IgnoreError();
    stage.Step(fmt::format("Node 2 asks it to promise ballot {}.", ToString(other)));
  }
  room.puppet(2).Ask(1, kAccept, MakeAccept(other, "other")).IgnoreError();
  stage.Step(fmt::format("Node 2 asks it to accept \"other\" under {}.", ToString(other)));
  room.Propose(1, "own");
  stage.Step("A client proposes \"own\" at node 1.");
  stage.world().RunFor(kSecond);
}

PrepareLogRequest MakePrepareLog(const Ballot& ballot) {
  PrepareLogRequest request;
  *request.mutable_ballot() = ballot;
  return request;
}

AcceptEntriesRequest MakeAcceptEntry(const Ballot& ballot, const std::string& command) {
  AcceptEntriesRequest request;
  *request.mutable_ballot() = ballot;
  *request.add_entries() = MakeEntry(1, Ballot(), command);
  return request;
}

/// The same for the log.
void PlayLostLog(Stage& stage) {
  LogRoom room(stage, {.nodes = 3, .puppets = {2, 3}});
  const std::string decided = AppendCommand("decided ");
  const std::string other = AppendCommand("other ");
  room.ledger().proposed = {CommandValue(decided), CommandValue(other)};
  const auto high = MakeBallot(static_cast<std::uint64_t>(stage.random().Between(20, 30)), 3);
  const auto promise = room.puppet(3).Ask(1, kPrepareLog, MakePrepareLog(high));
  if (promise.ok() && promise->promised()) stage.Observe(kHadPromised);
  stage.Step(fmt::format("Node 1 promises ballot {} to node 3.", ToString(high)));
  if (stage.random().Below(2) == 0) {
    room.puppet(3).Ask(1, kAcceptEntries, MakeAcceptEntry(high, decided)).IgnoreError();
    stage.Step("It accepts a command in slot 1, which makes a quorum with node 3 itself.");
  }
  LoseDisk(stage);
  const auto lower_or_higher = MakeBallot(high.round() + stage.random().Below(3) - 1, 2);
  if (stage.random().Below(2) == 0) {
    room.puppet(2).Ask(1, kPrepareLog, MakePrepareLog(lower_or_higher)).IgnoreError();
    stage.Step(fmt::format("Node 2 asks it to promise ballot {}.", ToString(lower_or_higher)));
  }
  room.puppet(2).Ask(1, kAcceptEntries, MakeAcceptEntry(lower_or_higher, other)).IgnoreError();
  stage.Step(
      fmt::format("Node 2 asks it to accept another command in slot 1 under {}, and is "
                  "silent from then on.",
                  ToString(lower_or_higher)));
  stage.world().RunFor(3 * kSecond);
}

/// A follower that promises everything and accepts everything, but for the first `lost` requests
/// with a command in them.
void Follow(Puppet& follower, int& lost) {
  follower.Always<PrepareLogRequest, PrepareLogResponse>(
      kPrepareLog, [](const PrepareLogRequest& request) {
        PrepareLogResponse response;
        response.set_promised(true);
        *response.mutable_ballot() = request.ballot();
        return response;
      });
  follower.Always<AcceptEntriesRequest, AcceptEntriesResponse>(
      kAcceptEntries,
      [&lost](const AcceptEntriesRequest& request) -> std::optional<AcceptEntriesResponse> {
        const bool has_command = std::any_of(request.entries().begin(), request.entries().end(),
                                             [](const Entry& entry) { return !entry.no_op(); });
        if (has_command && lost > 0) {
          --lost;
          return std::nullopt;
        }
        AcceptEntriesResponse response;
        response.set_accepted(true);
        *response.mutable_ballot() = request.ballot();
        return response;
      });
}

/// Heartbeats come and go; only what matters gets lost.
void PlayLostProposal(Stage& stage) {
  LogRoom room(stage, {.nodes = 3, .puppets = {2, 3}});
  int to_be_lost = static_cast<int>(stage.random().Between(1, 3));
  Follow(room.puppet(2), to_be_lost);
  stage.Step(
      fmt::format("Node 1 comes to lead by the promise of node 2. The first {} messages that would "
                  "bring node 2 a command get lost, and heartbeats arrive.",
                  to_be_lost));
  const NodeId leader = room.AwaitLeader();
  bool answered = false;
  room.Append(leader, "once ", [&](const absl::StatusOr<log::WriteResponse>&) { answered = true; });
  stage.Step("A client appends.");
  const bool in_time = room.world().RunUntil([&] { return answered; }, kPatience);
  if (to_be_lost == 0) stage.Observe(kWasLost);
  stage.Require(kProposesAgain, in_time,
                "20 simulated seconds later the client has no answer, and node 2 still hears from "
                "node 1.");
}

}  // namespace

std::vector<Scenario> LostChoreographies() {
  return {
      {.lab = "paxos",
       .part = "2B",
       .name = "LostPromise",
       .story = "An acceptor promises, and loses power and its disk. It cannot know what it has "
                "promised, so it promises, accepts and proposes nothing any more.",
       .points = 1,
       .must_observe = {kHadPromised, kLostDisk},
       .play = PlayLostPromise},
      {.lab = "paxos",
       .part = "2C",
       .name = "LostProposal",
       .story = "The messages that bring a follower a command get lost, and heartbeats do not. The "
                "leader has to propose it again.",
       .points = 1,
       .must_observe = {kWasLost},
       .play = PlayLostProposal},
      {.lab = "paxos",
       .part = "2C",
       .name = "LostLog",
       .story = "A node promises a ballot for the log, and loses power and its disk. From then on "
                "it promises, accepts and proposes nothing.",
       .points = 1,
       .must_observe = {kHadPromised, kNodeLostDisk},
       .play = PlayLostLog},
  };
}

}  // namespace quorum::grader::paxos
