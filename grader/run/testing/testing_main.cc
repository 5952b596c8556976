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
    return quorum::run::WorkerMain(quorum::run::testing::TestingScenarios());
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
