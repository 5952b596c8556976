#include "grader/run/testing/testing_scenarios.h"

#include <set>
#include <stdexcept>
#include <string>

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

void BootNode(Stage& stage, std::uint64_t behave_with) {
  NodeConfig config;
  config.set_self(7);
  config.add_features(std::to_string(behave_with));
  stage.AddNode("node", config);
}

void PlayNode(Stage& stage) {
  BootNode(stage, stage.plan().seed());
  stage.Step("Node 7 has booted.");
  stage.world().RunFor(1'000'000'000);
  stage.Observe("it came back");
}

void PlayOperations(Stage& stage) {
  std::set<std::string> values;
  const auto& ops = stage.Ops([](sim::Rng&, auto* drawn) {
    for (int op = 0; op < 40; ++op) drawn->Add()->set_value(std::to_string(op));
  });
  for (const faults::ClientOp& op : ops) values.insert(op.value());
  const std::uint64_t bad = kBadSeed + (values.contains("17") ? 0 : 1);
  BootNode(stage, values.contains("3") ? bad : 1);
  stage.world().RunFor(1'000'000'000);
}

void PlayGiveUp(Stage& stage) {
  if (stage.plan().seed() == kBadSeed) throw grader::Inconclusive{"The checker has had enough."};
}

void PlayFaulty(Stage& stage) {
  if (stage.plan().seed() == kBadSeed) throw std::runtime_error("a mistake in the scenario");
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
      {.lab = "testing",
       .part = "B",
       .name = "GivesUp",
       .story = "A checker spends its budget.",
       .points = 8,
       .seeds = 5,
       .play = PlayGiveUp},
      {.lab = "testing",
       .part = "B",
       .name = "Faulty",
       .story = "The scenario itself goes wrong.",
       .points = 16,
       .seeds = 5,
       .play = PlayFaulty},
  };
  return scenarios;
}

const grader::Scenario& OperationsScenario() {
  static const grader::Scenario scenario = {.lab = "testing",
                                            .part = "C",
                                            .name = "Operations",
                                            .story = "Two of many operations do harm together.",
                                            .points = 32,
                                            .seeds = 1,
                                            .play = PlayOperations};
  return scenario;
}

}  // namespace quorum::run::testing
