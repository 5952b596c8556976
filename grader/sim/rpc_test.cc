// How calls end in the simulated world.

#include "grader/sim/test_room.h"

namespace quorum::sim {
namespace {

using namespace std::chrono_literals;
using echo::EchoResponse;
using echo::kEcho;

class RpcTest : public TestRoom {
 protected:
  /// Node 2 calls node 1 after `delay`, and then `outcome_` is how that ended.
  void AddCaller(Duration delay = 0ms, Duration timeout = 100ms) {
    AddNode(2, [this, delay, timeout](Env& env, const NodeConfig&, ScriptedNode& node) {
      node.timers.push_back(env.After(delay, [this, &env, timeout] {
        env.Call(1, kEcho, Request("hello"), timeout,
                 [this](absl::StatusOr<EchoResponse> response) {
                   ++outcomes_;
                   outcome_ = std::move(response);
                   ended_at_ = world().now();
                 });
      }));
    });
  }

  absl::StatusOr<EchoResponse> outcome_ = absl::UnknownError("has not ended");
  int outcomes_ = 0;
  SimTime ended_at_ = 0;
};

TEST_F(RpcTest, ACallIsAnswered) {
  MakeWorld();
  AddEchoing(1);
  AddCaller();
  world().RunFor(50 * kMillisecond);
  ASSERT_TRUE(outcome_.ok()) << outcome_.status();
  EXPECT_EQ(outcome_->text(), "hello");
  EXPECT_EQ(ended_at_, 2 * kMillisecond);  // a millisecond there, a millisecond back
}

TEST_F(RpcTest, ADeadProcessIsUnavailableAtOnce) {
  MakeWorld();
  AddEchoing(1);
  AddCaller();
  world().Crash(1, /*power_loss=*/false);
  world().RunFor(50 * kMillisecond);
  EXPECT_EQ(outcome_.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ended_at_, 2 * kMillisecond);
}

TEST_F(RpcTest, AMachineWithoutPowerIsSilent) {
  MakeWorld();
  AddEchoing(1);
  AddCaller();
  world().Crash(1, /*power_loss=*/true);
  world().RunFor(500 * kMillisecond);
  EXPECT_EQ(outcome_.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_GE(ended_at_, 100 * kMillisecond);
}

TEST_F(RpcTest, ACutLinkRunsIntoTheDeadline) {
  MakeWorld();
  AddEchoing(1);
  AddCaller();
  world().network().Cut(2, 1);
  world().RunFor(500 * kMillisecond);
  EXPECT_EQ(outcome_.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Count(TraceKind::kDeliver), 0);
}

TEST_F(RpcTest, AOneWayCutLosesOnlyTheAnswer) {
  MakeWorld();
  AddEchoing(1);
  AddCaller();
  world().network().Cut(1, 2);
  world().RunFor(500 * kMillisecond);
  EXPECT_EQ(outcome_.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Count(TraceKind::kDeliver, 1), 1) << "the request was executed all the same";
}

TEST_F(RpcTest, APeerThatDiesWhileItWorksIsUnavailable) {
  MakeWorld();
  AddNode(1, [](Env& env, const NodeConfig&, ScriptedNode& node) {
    env.Serve(kEcho, [&node](const auto&, auto responder) {
      node.responders.push_back(std::move(responder));  // answers later, that is, never
    });
  });
  AddCaller();
  world().RunFor(10 * kMillisecond);
  EXPECT_EQ(outcomes_, 0);
  world().Crash(1, false);
  world().RunFor(10 * kMillisecond);
  EXPECT_EQ(outcome_.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(RpcTest, ADroppedResponderAnswersAborted) {
  MakeWorld();
  AddNode(1, [](Env& env, const NodeConfig&, ScriptedNode&) {
    env.Serve(kEcho, [](const auto&, auto responder) {});
  });
  AddCaller();
  world().RunFor(10 * kMillisecond);
  EXPECT_EQ(outcome_.status().code(), absl::StatusCode::kAborted);
}

TEST_F(RpcTest, AnUnknownMethodIsUnimplemented) {
  MakeWorld();
  AddNode(1, [](Env&, const NodeConfig&, ScriptedNode&) {});
  AddCaller();
  world().RunFor(10 * kMillisecond);
  EXPECT_EQ(outcome_.status().code(), absl::StatusCode::kUnimplemented);
}

TEST_F(RpcTest, TheServersOwnErrorComesThroughUnchanged) {
  MakeWorld();
  AddNode(1, [](Env& env, const NodeConfig&, ScriptedNode&) {
    env.Serve(kEcho, [](const auto&, auto responder) {
      responder.Fail(absl::FailedPreconditionError("not today"));
    });
  });
  AddCaller();
  world().RunFor(10 * kMillisecond);
  EXPECT_EQ(outcome_.status(), absl::FailedPreconditionError("not today"));
}

TEST_F(RpcTest, AReplyAfterTheTimeoutIsDropped) {
  MakeWorld();
  AddEchoing(1);
  AddCaller(0ms, 1ms);
  world().RunFor(100 * kMillisecond);
  EXPECT_EQ(outcome_.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(outcomes_, 1);
}

TEST_F(RpcTest, ARepeatedRequestIsExecutedTwiceAndAnsweredOnce) {
  MakeWorld();
  faults::MessageFault twice;
  twice.set_from(2);
  twice.set_to(1);
  twice.set_duplicate_after_ns(5 * kMillisecond);
  world().network().AddMessageFault(twice);
  AddEchoing(1);
  AddCaller();
  world().RunFor(100 * kMillisecond);
  EXPECT_EQ(Count(TraceKind::kDeliver, 1), 2);
  EXPECT_EQ(outcomes_, 1);
}

TEST_F(RpcTest, TheCallerIsNamedAndItsDeadlineTravels) {
  MakeWorld();
  std::string caller;
  Duration left{};
  AddNode(1, [&](Env& env, const NodeConfig&, ScriptedNode&) {
    env.Serve(kEcho, [&](const auto&, auto responder) {
      caller = responder.caller();
      left = responder.deadline() - env.Now();
    });
  });
  AddCaller(0ms, 100ms);
  world().RunFor(10 * kMillisecond);
  EXPECT_EQ(caller, "node-2");
  EXPECT_EQ(left, 99ms);
}

TEST_F(RpcTest, AStoppedProcessAnswersWhenItGoesOn) {
  MakeWorld();
  AddEchoing(1);
  AddCaller(0ms, 1s);
  world().Pause(1);
  world().RunFor(500 * kMillisecond);
  EXPECT_EQ(outcomes_, 0);
  world().Resume(1);
  world().RunFor(10 * kMillisecond);
  EXPECT_TRUE(outcome_.ok()) << outcome_.status();
}

TEST_F(RpcTest, ACrashedCallerHearsNothing) {
  MakeWorld();
  AddEchoing(1);
  AddCaller();
  world().RunFor(kMillisecond / 2);
  world().Crash(2, false);
  world().RunFor(500 * kMillisecond);
  EXPECT_EQ(outcomes_, 0);
}

TEST_F(RpcTest, TheNextBootHearsNoAnswerToAnEarlierOnesCall) {
  MakeWorld();
  AddEchoing(1);
  AddCaller(0ms);
  world().RunFor(kMillisecond + kMillisecond / 2);  // the answer is on its way
  world().Crash(2, false);
  world().Boot(2);  // calls again at once
  world().RunFor(500 * kMillisecond);
  EXPECT_EQ(outcomes_, 1);
  EXPECT_EQ(outcome_->execution(), 2u);
}

TEST_F(RpcTest, ASlowLinkTakesItsTimeAndAFlappingOneComesAndGoes) {
  MakeWorld();
  AddEchoing(1);
  AddCaller(0ms, 1s);
  faults::Link slow;
  slow.set_bytes_per_second(100);
  world().network().SetLink(2, 1, slow);
  world().RunFor(900 * kMillisecond);
  EXPECT_TRUE(outcome_.ok()) << outcome_.status();
  EXPECT_GT(ended_at_, 50 * kMillisecond) << "seven bytes at a hundred a second";
  faults::Link flapping;
  flapping.set_flap_ns(10 * kMillisecond);
  world().network().SetLink(2, 1, flapping);
  const SimTime now = world().now();
  EXPECT_NE(world().network().IsCut(2, 1, now),
            world().network().IsCut(2, 1, now + 10 * kMillisecond));
}

}  // namespace
}  // namespace quorum::sim
