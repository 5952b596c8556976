// Time, failures, budgets, and that a seed is a run.

#include "grader/sim/world.h"

#include <stdexcept>

#include "common/env/not_written.h"
#include "grader/sim/test_room.h"

namespace quorum::sim {
namespace {

using namespace std::chrono_literals;
using echo::EchoResponse;
using echo::kEcho;

class WorldTest : public TestRoom {
 protected:
  /// Boots a node that does this, and returns how the run failed.
  Failure FailureOf(Script script, Budget budget = {}) {
    MakeWorld(1, budget);
    AddNode(1, std::move(script));
    EXPECT_THROW(world().RunFor(1'000 * kMillisecond), RunFailed);
    return world().failure().value_or(Failure{.name = "none"});
  }
};

TEST_F(WorldTest, TimersFireInOrderAndCancelWhenDropped) {
  MakeWorld();
  std::string fired;
  AddNode(1, [&](Env& env, const NodeConfig&, ScriptedNode& node) {
    node.timers.push_back(env.After(20ms, [&] { fired += "b"; }));
    node.timers.push_back(env.After(10ms, [&] { fired += "a"; }));
    const Timer dropped = env.After(5ms, [&] { fired += "x"; });
  });
  world().RunFor(50 * kMillisecond);
  EXPECT_EQ(fired, "ab");
}

TEST_F(WorldTest, ACrashSilencesTimers) {
  MakeWorld();
  int fired = 0;
  AddNode(1, [&](Env& env, const NodeConfig&, ScriptedNode& node) {
    node.timers.push_back(env.After(20ms, [&] { ++fired; }));
  });
  world().Crash(1, false);
  world().RunFor(50 * kMillisecond);
  EXPECT_EQ(fired, 0);
}

TEST_F(WorldTest, WhatANodeHasOnTheHeapIsWeighedWhenItEnds) {
  MakeWorld();
  for (const NodeId id : {1u, 2u}) {
    AddNode(id, [id](Env& env, const NodeConfig&, ScriptedNode& node) {
      const std::string text(id == 1 ? 1'000 : 11'000, 'x');
      node.timers.push_back(env.After(1s, [text] { FAIL() << text; }));
    });
    world().Crash(id, true);
  }
  const auto& machines = world().machines();
  EXPECT_GE(machines.at(1)->heap_at_end, 1'001u);
  EXPECT_EQ(machines.at(2)->heap_at_end, machines.at(1)->heap_at_end + 10'000);
}

TEST_F(WorldTest, AFastClockFiresEarlyASlowOneLateAFrozenOneNever) {
  MakeWorld();
  std::map<NodeId, SimTime> fired;
  for (const NodeId id : {1u, 2u, 3u, 4u}) {
    AddNode(id, [&, id](Env& env, const NodeConfig&, ScriptedNode& node) {
      node.timers.push_back(env.After(1s, [&, id] { fired[id] = world().now(); }));
    });
  }
  world().SetClockRate(1, 10'000);   // one percent fast
  world().SetClockRate(2, -10'000);  // one percent slow
  world().FreezeClock(3, true);
  world().At(100 * kMillisecond, [this] { world().JumpClock(4, 500 * kMillisecond); });
  world().RunFor(5'000 * kMillisecond);
  EXPECT_NEAR(static_cast<double>(fired[1]), 990.1e6, 1e5);
  EXPECT_NEAR(static_cast<double>(fired[2]), 1010.1e6, 1e5);
  EXPECT_FALSE(fired.contains(3));
  EXPECT_EQ(fired[4], 500 * kMillisecond);
  world().FreezeClock(3, false);
  world().RunFor(5'000 * kMillisecond);
  EXPECT_TRUE(fired.contains(3));
}

TEST_F(WorldTest, AStoppedProcessMissesNothingButTime) {
  MakeWorld();
  SimTime fired = 0;
  AddNode(1, [&](Env& env, const NodeConfig&, ScriptedNode& node) {
    node.timers.push_back(env.After(10ms, [&] { fired = world().now(); }));
  });
  world().Pause(1);
  world().RunFor(100 * kMillisecond);
  EXPECT_EQ(fired, 0);
  world().Resume(1);
  world().RunFor(kMillisecond);
  EXPECT_EQ(fired, 100 * kMillisecond);
}

TEST_F(WorldTest, AnOperationOfANodeThatIsStoppedAndThenKilledEnds) {
  MakeWorld();
  AddEchoing(1);
  world().Pause(1);
  absl::Status outcome = absl::UnknownError("has not ended");
  world().Invoke<echo::EchoRequest, EchoResponse>(
      1, kEcho, Request("x"),
      [&](const absl::StatusOr<EchoResponse>& response) { outcome = response.status(); });
  world().RunFor(kMillisecond);
  world().Crash(1, false);
  world().RunFor(kMillisecond);
  EXPECT_EQ(outcome.code(), absl::StatusCode::kUnavailable);
}

TEST_F(WorldTest, AFailedCheckIsTheNodesFailure) {
  const Failure failure = FailureOf([](Env& env, const NodeConfig&, ScriptedNode& node) {
    node.timers.push_back(env.After(1ms, [] { Check(false, "A term never falls."); }));
  });
  EXPECT_EQ(failure.kind, Failure::Kind::kCheck);
  EXPECT_EQ(failure.sentence, "A term never falls.");
  EXPECT_EQ(failure.node, 1u);
  EXPECT_EQ(failure.handler, "a timer");
  EXPECT_THAT(failure.source, ::testing::StartsWith("world_test.cc:"));
}

TEST_F(WorldTest, AStubIsNotWritten) {
  const Failure failure = FailureOf([](Env& env, const NodeConfig&, ScriptedNode& node) {
    node.timers.push_back(env.After(1ms, [] { NotWritten("Count the votes: step 3."); }));
  });
  EXPECT_EQ(failure.kind, Failure::Kind::kNotWritten);
  EXPECT_EQ(failure.sentence, "Count the votes: step 3.");
}

TEST_F(WorldTest, ANodeThatFailsWhileItBootsEndsARunInWhichNothingElseHappens) {
  const Failure failure = FailureOf(
      [](Env&, const NodeConfig&, ScriptedNode&) { NotWritten("Read the disk: step 1."); });
  EXPECT_EQ(failure.kind, Failure::Kind::kNotWritten);
  EXPECT_EQ(failure.handler, "its constructor");
}

TEST_F(WorldTest, AnExceptionIsTheNodesFailure) {
  const Failure failure = FailureOf([](Env& env, const NodeConfig&, ScriptedNode& node) {
    node.timers.push_back(env.After(1ms, [] { throw std::runtime_error("oh"); }));
  });
  EXPECT_EQ(failure.kind, Failure::Kind::kException);
  EXPECT_THAT(failure.detail, ::testing::HasSubstr("oh"));
}

TEST_F(WorldTest, AHandlerThatSendsWithoutEndIsStopped) {
  const Failure failure = FailureOf([](Env& env, const NodeConfig&, ScriptedNode& node) {
    node.timers.push_back(env.After(1ms, [&env] {
      for (;;) env.Call(1, kEcho, Request("again"), 1s, [](auto) {});
    }));
  });
  EXPECT_EQ(failure.kind, Failure::Kind::kBudget);
  EXPECT_EQ(failure.node, 1u);
}

TEST_F(WorldTest, TimersWithoutEndAreStopped) {
  const Failure failure = FailureOf(
      [](Env& env, const NodeConfig&, ScriptedNode& node) {
        node.timers.push_back(env.After(1ms, [&env, &node] {
          for (;;) node.timers.push_back(env.After(1h, [] {}));
        }));
      },
      {.effects_a_handler = 1'000'000'000, .pending_a_node = 1'000});
  EXPECT_EQ(failure.kind, Failure::Kind::kBudget);
  EXPECT_THAT(failure.detail, ::testing::HasSubstr("timers"));
}

TEST_F(WorldTest, ARunWithoutEndIsStopped) {
  std::function<void(Env&, ScriptedNode&)> again = [&again](Env& env, ScriptedNode& node) {
    node.timers.clear();
    node.timers.push_back(env.After(1ns, [&] { again(env, node); }));
  };
  const Failure failure =
      FailureOf([&](Env& env, const NodeConfig&, ScriptedNode& node) { again(env, node); },
                {.events = 10'000});
  EXPECT_EQ(failure.kind, Failure::Kind::kBudget);
}

TEST_F(WorldTest, AMethodThatItsProtoDoesNotHaveFailsACheck) {
  const Failure failure = FailureOf([](Env& env, const NodeConfig&, ScriptedNode& node) {
    node.timers.push_back(env.After(1ms, [&env] {
      constexpr Method<echo::EchoRequest, echo::SayResponse> kWrong{"/quorum.echo.Echo/Echo"};
      env.Serve(kWrong, [](const auto&, auto) {});
    }));
  });
  EXPECT_EQ(failure.kind, Failure::Kind::kCheck);
  EXPECT_THAT(failure.sentence, ::testing::HasSubstr("quorum.echo.SayResponse"));
}

/// Plays a lossy hour of chatter, and returns the fates of the messages on the link 3 -> 1.
std::string Fates(bool with_partition, std::uint64_t* hash) {
  Network network(7);
  faults::Network lossy;
  lossy.set_min_delay_ns(1);
  lossy.set_max_delay_ns(1'000);
  lossy.set_drop_ppm(300'000);
  network.SetConditions(lossy);
  if (with_partition) network.Cut(1, 2);
  std::string fates;
  for (int message = 0; message < 200; ++message) {
    network.Draw(1, 2, message, 10);
    if (with_partition) network.Draw(1, 2, message, 10);
    const Network::Fate fate = network.Draw(3, 1, message, 10);
    fates += fate.drop ? "x" : std::to_string(fate.delay) + " ";
    *hash = Combine(*hash, static_cast<std::uint64_t>(fate.delay));
  }
  return fates;
}

TEST(NetworkTest, WhatHappensOnOneLinkDoesNotDependOnAnother) {
  std::uint64_t calm = 0;
  std::uint64_t cut = 0;
  const std::string fates = Fates(false, &calm);
  EXPECT_EQ(fates, Fates(true, &cut));
  EXPECT_THAT(fates, ::testing::HasSubstr("x"));
}

TEST(RngTest, ASeedMeansTheSameOnEveryMachine) {
  Rng random(42, 7);
  EXPECT_EQ(random.Next(), 7066927108746513321u);
  EXPECT_EQ(random.Below(1000), 82u);
  EXPECT_EQ(random.Between(-5, 5), 3);
}

TEST_F(WorldTest, ASeedIsARunOnEveryMachine) {
  MakeWorld(3);
  faults::Network lossy;
  lossy.set_min_delay_ns(1'000);
  lossy.set_max_delay_ns(9'000'000);
  lossy.set_drop_ppm(100'000);
  lossy.set_duplicate_ppm(100'000);
  world().network().SetConditions(lossy);
  AddEchoing(1);
  AddNode(2, [](Env& env, const NodeConfig&, ScriptedNode& node) {
    for (int call = 0; call < 100; ++call) {
      node.timers.push_back(env.After(env.RandomBetween(1ms, 200ms), [&env] {
        env.Call(1, kEcho, Request("x"), 20ms, [&env](auto) { env.Log("done"); });
      }));
    }
  });
  world().RunFor(1'000 * kMillisecond);
  // Recorded once. Whoever changes what a seed means changes these two numbers, and says so.
  EXPECT_EQ(world().trace().size(), 636u);
  EXPECT_EQ(world().trace().hash(), 7943396996770309082u);
}

}  // namespace
}  // namespace quorum::sim
