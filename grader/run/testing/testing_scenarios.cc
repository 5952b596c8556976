#include "grader/run/testing/testing_scenarios.h"

#include "grader/run/testing/behaviour.h"
#include "grader/scenarios/stage.h"

namespace quorum::run::testing {
namespace {

using grader::Stage;

void PlayPart(Stage& stage) {
  const auto behave = stage.part<BehaveFunction>("part", kBehaveType);
  stage.Step("The part is called.");
  stage.Record(behave(stage.plan().seed()));
  stage.Observe("it came back");
}

void PlayNode(Stage& stage) {
  NodeConfig config;
  config.set_self(7);
  config.add_features(std::to_string(stage.plan().seed()));
  stage.AddNode("node", config);
  stage.Step("Node 7 has booted.");
  stage.world().RunFor(1'000'000'000);
  stage.Observe("it came back");
}

}  // namespace

const std::vector<grader::Scenario>& TestingScenarios() {
  static const std::vector<grader::Scenario> scenarios = {
      {.lab = "testing",
       .part = "A",
       .name = "Part",
       .story = "A part is called.",
       .points = 1,
       .seeds = 5,
       .must_observe = {"it came back"},
       .play = PlayPart},
      {.lab = "testing",
       .part = "A",
       .name = "Node",
       .story = "A node's timer fires.",
       .points = 2,
       .seeds = 5,
       .must_observe = {"it came back"},
       .play = PlayNode},
      {.lab = "testing",
       .part = "B",
       .name = "Unobserved",
       .story = "Nothing happens, although something must.",
       .points = 4,
       .seeds = 2,
       .must_observe = {"the impossible"},
       .play = PlayPart},
  };
  return scenarios;
}

}  // namespace quorum::run::testing
