#include "grader/run/testing/campaigns.h"

#include "grader/run/testing/testing_modules.h"
#include "grader/run/testing/testing_scenarios.h"

namespace quorum::run::testing {

std::map<std::string, Outcome> PlayAll(const std::string& behaviour, Seeds seeds) {
  std::map<std::string, Outcome> outcomes;
  Pool pool(2, {"worker"});
  Campaign campaign(pool, seeds,
                    [&](const Outcome& outcome) { outcomes[outcome.scenario->name] = outcome; });
  Settings settings;
  settings.modules = {ModuleFile(behaviour)};
  for (const grader::Scenario& scenario : TestingScenarios()) campaign.Add(scenario, settings);
  campaign.Run();
  return outcomes;
}

}  // namespace quorum::run::testing
