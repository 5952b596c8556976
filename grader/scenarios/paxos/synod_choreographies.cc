// Parts 2A and 2B: schedules that chance would hardly bring about, played by the test itself.

#include <fmt/format.h>

#include "grader/scenarios/paxos/synod_requests.h"
#include "grader/scenarios/paxos/synod_room.h"

namespace quorum::grader::paxos {
namespace {

using namespace quorum::paxos;
using faults::Profile;

constexpr char kHeardTwo[] = "a proposer was told of two different values";
constexpr char kLatePromise[] = "a promise for an earlier ballot came after the next one had begun";
constexpr char kPromised[] = "the acceptor promised";
constexpr char kAcceptedValue[] = "the acceptor accepted";

PrepareResponse Promising(const Ballot& ballot, const Ballot& accepted = {},
                          const std::string& value = {}) {
  PrepareResponse response;
  response.set_promised(true);
  *response.mutable_ballot() = ballot;
  *response.mutable_accepted() = accepted;
  response.set_value(value);
  return response;
}

PrepareResponse RefusingFor(const Ballot& higher) {
  PrepareResponse response;
  *response.mutable_ballot() = higher;
  return response;
}

constexpr auto kAny = [](const auto&) { return true; };

/// The value of the highest ballot counts, whatever comes first or last.
void PlayTwoReports(Stage& stage) {
  SynodRoom room(stage, 5, {2, 3, 4, 5});
  room.ledger().proposed = {CommandValue("older"), CommandValue("newer")};
  const bool older_first = stage.random().Below(2) == 0;
  faults::Link slow;
  slow.set_extra_delay_ns(10 * kMillisecond);
  stage.world().network().SetLink(older_first ? 3 : 2, 1, slow);
  const auto report = [&](NodeId node, const Ballot& accepted, const std::string& value) {
    room.puppet(node).Always<PrepareRequest, PrepareResponse>(
        kPrepare, [accepted, value](const PrepareRequest& request) {
          return Promising(request.ballot(), accepted, value);
        });
  };
  const Ballot lower = MakeBallot(1, 4);
  const Ballot higher = MakeBallot(2, 5);
  const bool older_has_lower_id = stage.random().Below(2) == 0;
  const NodeId with_older = older_has_lower_id ? 2 : 3;
  report(with_older, lower, "older");
  report(5 - with_older, higher, "newer");
  stage.Step(
      fmt::format("Node {} has accepted \"older\" under ballot 1.4, node {} \"newer\" under "
                  "ballot 2.5.",
                  with_older, 5 - with_older));
  // Its first ballots may be too low to be promised; nobody refuses them here, so it is told to
  // begin above.
  room.puppet(4).Always<PrepareRequest, PrepareResponse>(
      kPrepare, [higher](const PrepareRequest& request) -> std::optional<PrepareResponse> {
        if (request.ballot() < higher) return RefusingFor(higher);
        return std::nullopt;
      });
  room.Propose(1, "own");
  stage.Step("A client proposes \"own\" at node 1; nodes 2 and 3 promise and tell what they have.");
  if (room.puppet(2).Await(kAccept, kAny)) stage.Observe(kHeardTwo);
}

/// A promise counts for the ballot that it was given for.
void PlayLatePromises(Stage& stage) {
  SynodRoom room(stage, 5, {2, 3, 4, 5});
  room.Propose(1, "own");
  auto first = room.puppet(3).Await(kPrepare, kAny);
  auto also_first = room.puppet(4).Await(kPrepare, kAny);
  auto refused = room.puppet(2).Await(kPrepare, kAny);
  if (!first || !also_first || !refused) return;
  refused->responder.Reply(RefusingFor(MakeBallot(9, 5)));
  stage.Step(
      fmt::format("Node 1 prepares ballot {}; nodes 3 and 4 hesitate, and node 2 has promised "
                  "ballot 9.5 to another proposer.",
                  ToString(first->request.ballot())));
  const Ballot old = first->request.ballot();
  const auto next = room.puppet(3).Await(
      kPrepare, [&](const PrepareRequest& request) { return old < request.ballot(); });
  if (!next) return;
  first->responder.Reply(Promising(old));
  also_first->responder.Reply(Promising(old));
  stage.Observe(kLatePromise);
  stage.Step(
      fmt::format("Node 1 has begun ballot {} when the promises of nodes 3 and 4 for {} "
                  "arrive.",
                  ToString(next->request.ballot()), ToString(old)));
  stage.world().RunFor(50 * kMillisecond);
}

/// What was promised to one proposer holds against another one.
void PlayKeepsItsPromise(Stage& stage) {
  SynodRoom room(stage, 3, {2, 3});
  room.ledger().proposed = {CommandValue("high"), CommandValue("low")};
  const auto high = MakeBallot(static_cast<std::uint64_t>(stage.random().Between(3, 9)), 3);
  const auto low = MakeBallot(high.round() - stage.random().Below(2), 2);
  if (stage.random().Below(2) == 0) {
    const auto promise = room.puppet(3).Ask(1, kPrepare, MakePrepare(high));
    if (promise.ok() && promise->promised()) stage.Observe(kPromised);
    stage.Step(fmt::format("Node 1 is asked by node 3 to promise ballot {}.", ToString(high)));
  } else {
    room.puppet(3).Ask(1, kAccept, MakeAccept(high, "high")).IgnoreError();
    stage.Step(
        fmt::format("Nodes 2 and 3 have promised ballot {}, which is a quorum; node 1, which "
                    "has not heard of that, is asked to accept \"high\" under it.",
                    ToString(high)));
  }
  if (stage.random().Below(2) == 0) {
    room.puppet(2).Ask(1, kPrepare, MakePrepare(low)).IgnoreError();
    stage.Step(fmt::format("Then node 2 asks it to promise ballot {}.", ToString(low)));
  }
  room.puppet(2).Ask(1, kAccept, MakeAccept(low, "low")).IgnoreError();
  stage.Step(fmt::format("Then node 2 asks it to accept \"low\" under ballot {}.", ToString(low)));
  const auto accepted = room.puppet(3).Ask(1, kAccept, MakeAccept(high, "high"));
  if (accepted.ok() && accepted->accepted()) stage.Observe(kAcceptedValue);
  stage.Step(
      fmt::format("Then node 3 asks it to accept \"high\" under ballot {}.", ToString(high)));
}

/// The same when the acceptor dies in between.
void PlayPromiseSurvives(Stage& stage) {
  SynodRoom room(stage, 3, {2, 3});
  room.ledger().proposed = {CommandValue("low")};
  const auto high = MakeBallot(static_cast<std::uint64_t>(stage.random().Between(3, 9)), 3);
  const auto low = MakeBallot(high.round() - 1, 2);
  const auto promise = room.puppet(3).Ask(1, kPrepare, MakePrepare(high));
  if (promise.ok() && promise->promised()) stage.Observe(kPromised);
  stage.Step(fmt::format("Node 1 promises ballot {} to node 3, and dies.", ToString(high)));
  stage.world().Crash(1, true);
  stage.world().RunFor(10 * kMillisecond);
  stage.world().Boot(1);
  stage.Step(fmt::format("It boots again, and node 2 asks it to accept \"low\" under ballot {}.",
                         ToString(low)));
  room.puppet(2).Ask(1, kAccept, MakeAccept(low, "low")).IgnoreError();
}

void PlayAcceptedSurvives(Stage& stage) {
  SynodRoom room(stage, 3, {2, 3});
  room.ledger().proposed = {CommandValue("decided")};
  const Ballot first = MakeBallot(1, 2);
  room.puppet(2).Ask(1, kPrepare, MakePrepare(first)).IgnoreError();
  const auto accepted = room.puppet(2).Ask(1, kAccept, MakeAccept(first, "decided"));
  if (accepted.ok() && accepted->accepted()) stage.Observe(kAcceptedValue);
  stage.Step(
      "Node 1 accepts \"decided\" from node 2, which makes a quorum with node 2 itself. Then "
      "it dies.");
  stage.world().Crash(1, true);
  stage.world().RunFor(10 * kMillisecond);
  stage.world().Boot(1);
  stage.Step("It boots again, and node 3 asks it to promise ballot 2.3.");
  room.puppet(3).Ask(1, kPrepare, MakePrepare(MakeBallot(2, 3))).IgnoreError();
}

}  // namespace

std::vector<Scenario> SynodChoreographies() {
  return {
      {.lab = "paxos",
       .part = "2A",
       .name = "TwoReports",
       .story = "Two acceptors have accepted different values under different ballots, and tell so "
                "in one order or the other. The proposer has to go on with the higher one's.",
       .points = 2,
       .must_observe = {kHeardTwo},
       .play = PlayTwoReports},
      {.lab = "paxos",
       .part = "2A",
       .name = "LatePromises",
       .story =
           "A proposer is refused and begins a higher ballot; then promises for its first ballot "
           "arrive. They promise nothing for the second one.",
       .points = 2,
       .must_observe = {kLatePromise},
       .play = PlayLatePromises},
      {.lab = "paxos",
       .part = "2A",
       .name = "KeepsItsPromise",
       .story = "An acceptor promises a ballot, or accepts under it at once; a proposer with a "
                "lower one "
                "comes late, and asks for a promise, or for acceptance.",
       .points = 2,
       .must_observe = {kPromised, kAcceptedValue},
       .play = PlayKeepsItsPromise},
      {.lab = "paxos",
       .part = "2B",
       .name = "PromiseSurvives",
       .story = "An acceptor promises a ballot and loses power. When it is back, a proposer with a "
                "lower ballot asks it to accept.",
       .points = 3,
       .must_observe = {kPromised},
       .play = PlayPromiseSurvives},
      {.lab = "paxos",
       .part = "2B",
       .name = "AcceptedSurvives",
       .story =
           "An acceptor accepts a value, which is decided by that, and loses power. When it is "
           "back, it has to tell the next proposer.",
       .points = 2,
       .must_observe = {kAcceptedValue},
       .play = PlayAcceptedSurvives},
  };
}

}  // namespace quorum::grader::paxos
