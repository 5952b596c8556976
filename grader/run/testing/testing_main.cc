// The main function of tests whose workers are this same program.
#include <gtest/gtest.h>

#include <cstring>

#include "grader/run/testing/testing_modules.h"
#include "grader/run/testing/testing_scenarios.h"
#include "grader/run/worker.h"

namespace quorum::run::testing {

std::string ModuleFile(const std::string& behaviour) {
  return TESTING_MODULES "/" + behaviour + ".so";
}

}  // namespace quorum::run::testing

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "worker") == 0) {
    std::vector<quorum::grader::Scenario> scenarios = quorum::run::testing::TestingScenarios();
    scenarios.push_back(quorum::run::testing::OperationsScenario());
    return quorum::run::WorkerMain(scenarios);
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
