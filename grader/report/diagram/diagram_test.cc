// What a reader sees of a run. The golden texts are to be read, not only compared.

#include "grader/report/diagram/diagram.h"

#include "grader/sim/test_room.h"

namespace quorum::report {
namespace {

using namespace std::chrono_literals;
using echo::EchoResponse;
using echo::kEcho;
using sim::ScriptedNode;
using sim::SimTime;

constexpr SimTime kMillisecond = 1'000'000;

class DiagramTest : public sim::TestRoom {
 protected:
  /// Node `id` calls node `peer` with each of `texts`, ten milliseconds apart, from `first` on.
  void AddCaller(NodeId id, NodeId peer, Duration first, std::vector<std::string> texts) {
    AddNode(id, [=](Env& env, const NodeConfig&, ScriptedNode& node) {
      Duration at = first;
      for (const std::string& text : texts) {
        node.timers.push_back(env.After(at, [&env, peer, text] {
          env.Call(peer, kEcho, Request(text), 8ms, [](absl::StatusOr<EchoResponse>) {});
        }));
        at += 10ms;
      }
    });
  }
  /// Node `id` writes what it is asked to keep, and answers.
  void AddKeeper(NodeId id) {
    AddNode(id, [](Env& env, const NodeConfig&, ScriptedNode&) {
      env.Serve(kEcho, [&env](const echo::EchoRequest& request, auto responder) {
        WriteBatch batch;
        batch.Put("kept", request.text());
        const absl::Status written = env.storage().Write(batch);
        if (!written.ok()) return responder.Fail(written);
        EchoResponse response;
        response.set_text(request.text());
        responder.Reply(response);
      });
    });
  }
  std::string Full() { return "\n" + Diagram(world().trace(), std::nullopt, {.lines = 0}); }
};

TEST_F(DiagramTest, AMessageLeavesAndArrivesIsLostOrComesTwice) {
  MakeWorld();
  faults::MessageFault lost;
  lost.set_from(2);
  lost.set_to(1);
  lost.set_ordinal(1);
  lost.set_drop(true);
  world().network().AddMessageFault(lost);
  lost.set_ordinal(2);
  lost.set_drop(false);
  lost.set_duplicate_after_ns(3 * kMillisecond);
  world().network().AddMessageFault(lost);
  AddEchoing(1);
  AddCaller(2, 1, 5ms, {"a", "b", "c"});
  world().RunFor(100 * kMillisecond);
  EXPECT_EQ(Full(), R"(
       ms   1     2
    0.000   B     .     boots
            |     B     boots
    5.000   | <---o     timer: Echo #1: text="a"
    6.000   o<--- |     Echo #1 arrives
            o---> |     reply to Echo #1: text="a" execution=1
    7.000   | --->o     reply to Echo #1 arrives
   15.000   | x---o     timer: Echo #2, lost: text="b"
   23.000   |     T     Echo #2 times out
   25.000   | <---o     timer: Echo #3, sent once and to arrive twice: text="c"
   26.000   o<--- |     Echo #3 arrives
            o---> |     reply to Echo #3: text="c" execution=2
   27.000   | --->o     reply to Echo #3 arrives
   29.000   o<--- |     Echo #3 arrives again
            o---> |     reply to Echo #3: text="c" execution=3
)");
}

TEST_F(DiagramTest, DisksDeathsAndStops) {
  MakeWorld();
  AddKeeper(1);
  AddCaller(2, 1, 5ms, {"a", "b", "c", "d", "e"});
  world().At(15 * kMillisecond, [this] { world().machine(1).disk.full = true; });
  world().At(20 * kMillisecond, [this] { world().machine(1).disk.full = false; });
  world().At(26'100'000, [this] { world().Crash(1, /*power_loss=*/false); });
  world().At(36'000'000, [this] { world().Boot(1); });
  world().At(40'000'000, [this] { world().Pause(1); });
  world().At(50'000'000, [this] { world().Resume(1); });
  world().RunFor(100 * kMillisecond);
  EXPECT_EQ(Full(), R"(
       ms   1     2
    0.000   B     .     boots
            |     B     boots
    5.000   | <---o     timer: Echo #1: text="a"
    6.000   o<--- |     Echo #1 arrives
            w     |     write 1: kept="a"
    6.080   D     |     write 1 is durable
            o---> |     reply to Echo #1: text="a"
    7.080   | --->o     reply to Echo #1 arrives
   15.000   | <---o     timer: Echo #2: text="b"
   16.000   o<--- |     Echo #2 arrives
            w     |     a write fails: the disk is full
            o---> |     reply to Echo #2: RESOURCE_EXHAUSTED: The disk is full.
   17.000   | --->o     reply to Echo #2 arrives
   25.000   | <---o     timer: Echo #3: text="c"
   26.000   o<--- |     Echo #3 arrives
            w     |     write 2: kept="c"
   26.100   X     |     dies; write 2 is lost
            x     |     never sent: reply to Echo #3: text="c"
   27.100   . --->o     Echo #3 fails: UNAVAILABLE: The peer died.
   35.000   . <---o     timer: Echo #4: text="d"
   36.000   B     |     boots again
            o<--- |     Echo #4 arrives
            w     |     write 3: kept="d"
   36.356   D     |     write 3 is durable
            o---> |     reply to Echo #4: text="d"
   37.356   | --->o     reply to Echo #4 arrives
   40.000   =     |     is stopped
   45.000   : <---o     timer: Echo #5: text="e"
   50.000   =     |     goes on
            o<--- |     Echo #5 arrives
            w     |     write 4: kept="e"
   50.168   D     |     write 4 is durable
            o---> |     reply to Echo #5: text="e"
   51.168   | --->o     reply to Echo #5 arrives
)");
}

TEST_F(DiagramTest, OperationsLogsFaultsAndSteps) {
  MakeWorld();
  AddNode(7, [](Env& env, const NodeConfig&, ScriptedNode& node) {
    env.Serve(kEcho, [&env](const echo::EchoRequest& request, auto responder) {
      env.Log("a line of the node's own");
      if (request.text() == "no") return responder.Fail(absl::AbortedError("Not this one."));
      responder.Reply(EchoResponse());
    });
    node.timers.push_back(env.After(20ms, [] {}));
  });
  world().Record({.kind = sim::TraceKind::kNote}, "The scenario begins.");
  world().Invoke<echo::EchoRequest, EchoResponse>(7, kEcho, Request("yes"), [](const auto&) {});
  world().RunFor(10 * kMillisecond);
  world().NoteFault(
      "Something breaks, and it takes more than a line of the terminal to say what it "
      "was that broke there.");
  world().Invoke<echo::EchoRequest, EchoResponse>(7, kEcho, Request("no"), [](const auto&) {});
  world().RunFor(50 * kMillisecond);
  EXPECT_EQ(Full(), R"(
       ms   7
    0.000   B     boots
          -- The scenario begins.
            ?     asked, operation 1: Echo text="yes"
            "     says: a line of the node's own
            !     operation 1 is answered: (empty)
          ~~ Something breaks, and it takes more than a line of the terminal to say what it was that
          ~~ broke there.
   10.000   ?     asked, operation 2: Echo text="no"
            "     says: a line of the node's own
            !     operation 2 fails: ABORTED: Not this one.
   20.000   t     a timer
)");
}

TEST_F(DiagramTest, LongMessagesAreBrokenAndCut) {
  MakeWorld();
  for (NodeId id = 1; id <= 8; ++id) AddEchoing(id);
  AddNode(9, [](Env& env, const NodeConfig&, ScriptedNode&) {
    echo::EchoRequest request;
    request.mutable_id()->set_client(4'000'000'000);
    request.mutable_id()->set_incarnation(18'000'000'000'000'000'000u);
    request.mutable_id()->set_sequence(17'000'000'000'000'000'000u);
    request.set_text("a text that is too long to be shown as a whole\n");
    for (NodeId peer = 1; peer <= 8; ++peer) env.Call(peer, kEcho, request, 8ms, [](auto) {});
  });
  world().RunFor(100 * kMillisecond);
  EXPECT_EQ("\n" + Diagram(world().trace(), std::nullopt, {.width = 72, .lines = 8}), R"(
          .. 33 lines come before these
       ms   1   2   3   4   5   6   7   8   9
    2.000   | ----------------------------->o   reply to Echo #1
            |   |   |   |   |   |   |   |   |   arrives: text="a text
            |   |   |   |   |   |   |   |   |   that is too lo..." ...
            |   | ------------------------->o   reply to Echo #2
            |   |   |   |   |   |   |   |   |   arrives: text="a text
            |   |   |   |   |   |   |   |   |   that is too lo..." ...
            |   |   | --------------------->o   reply to Echo #3
            |   |   |   |   |   |   |   |   |   arrives: text="a text
            |   |   |   |   |   |   |   |   |   that is too lo..." ...
            |   |   |   | ----------------->o   reply to Echo #4
            |   |   |   |   |   |   |   |   |   arrives: text="a text
            |   |   |   |   |   |   |   |   |   that is too lo..." ...
            |   |   |   |   | ------------->o   reply to Echo #5
            |   |   |   |   |   |   |   |   |   arrives: text="a text
            |   |   |   |   |   |   |   |   |   that is too lo..." ...
            |   |   |   |   |   | --------->o   reply to Echo #6
            |   |   |   |   |   |   |   |   |   arrives: text="a text
            |   |   |   |   |   |   |   |   |   that is too lo..." ...
            |   |   |   |   |   |   | ----->o   reply to Echo #7
            |   |   |   |   |   |   |   |   |   arrives: text="a text
            |   |   |   |   |   |   |   |   |   that is too lo..." ...
            |   |   |   |   |   |   |   | ->o   reply to Echo #8
            |   |   |   |   |   |   |   |   |   arrives: text="a text
            |   |   |   |   |   |   |   |   |   that is too lo..." ...
)");
}

TEST_F(DiagramTest, AnExcerptHasWhatCanHaveToDoWithTheEnding) {
  MakeWorld();
  AddEchoing(1);
  AddEchoing(2);
  AddCaller(3, 1, 5ms, {"a", "b", "c"});
  AddCaller(4, 2, 5ms, {"not", "of", "interest"});
  world().RunFor(26'500'000);
  EXPECT_EQ("\n" + Diagram(world().trace(), Ending{1, "here it breaks"}, {.lines = 5}), R"(
          .. 8 lines come before these
       ms   1     3
   16.000   o---> |     reply to Echo #3: text="b" execution=2
   17.000   | --->o     reply to Echo #3 arrives
   25.000   | <---o     timer: Echo #5: text="c"
   26.000   o<--- |     Echo #5 arrives
            o---> |     reply to Echo #5: text="c" execution=3
            #     |     here it breaks
)");
}

TEST_F(DiagramTest, WithoutANodeTheExcerptIsTheEnd) {
  MakeWorld();
  AddEchoing(1);
  AddCaller(2, 1, 5ms, {"a", "b", "c"});
  world().RunFor(100 * kMillisecond);
  world().NoteFault("The end is near.");
  EXPECT_EQ("\n" + Diagram(world().trace(), Ending{0, "here it breaks"}, {.lines = 3}), R"(
          .. 11 lines come before these
       ms   1     2
   26.000   o<--- |     Echo #3 arrives: text="c"
            o---> |     reply to Echo #3: text="c" execution=3
   27.000   | --->o     reply to Echo #3 arrives
          ~~ The end is near.
          ## here it breaks
)");
}

TEST_F(DiagramTest, OfAnEmptyTraceNothingIsDrawn) {
  EXPECT_EQ(Diagram(MakeWorld().trace(), std::nullopt), "");
}

}  // namespace
}  // namespace quorum::report
