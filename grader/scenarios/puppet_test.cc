// A puppet is a node like any other when its world is unkind to it.

#include "grader/scenarios/puppet.h"

#include <gtest/gtest.h>

#include "grader/scenarios/testing/right_solution.h"
#include "labs/lab0_echo/echo.h"

namespace quorum::grader {
namespace {

using Puppet = PuppetOf<Method<echo::EchoRequest, echo::EchoResponse>>;

NodeConfig ConfigOf(NodeId self) {
  NodeConfig config;
  config.set_self(self);
  return config;
}

void PlayPuppets(Stage& stage) {
  Puppet hears(stage, ConfigOf(1), echo::kEcho);
  Puppet asks(stage, ConfigOf(2), echo::kEcho);
  bool answered = false;
  asks.Begin<echo::EchoRequest, echo::EchoResponse>(1, echo::kEcho, {},
                                                    [&](const auto&) { answered = true; });
  stage.world().RunFor(100 * kMillisecond);
  stage.world().Crash(1, true);
  stage.world().Boot(1);
  EXPECT_FALSE(hears.Await(
      echo::kEcho, [](const auto&) { return true; }, kMillisecond));
  EXPECT_FALSE(asks.Ask(1, echo::kEcho, echo::EchoRequest()).ok());
  EXPECT_TRUE(answered);
  stage.world().Crash(1, true);
}

TEST(PuppetTest, TakesWhatItHasHeardWithIt) {
  Scenario scenario;
  scenario.lab = "echo";
  scenario.name = "Puppets";
  scenario.play = PlayPuppets;
  const testing::Played played = testing::Play(scenario, 1, {testing::Load(ECHO_SOLVED)});
  EXPECT_EQ(played.broken, "") << played.detail;
}

}  // namespace
}  // namespace quorum::grader
