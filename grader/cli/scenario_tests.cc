// Every scenario as a GoogleTest of the name that the command line has for it, such as
// hash_ring.FirstPointClockwise, so that ctest, an IDE and a debugger run a single one. It plays
// the first few seeds in this process. Environment:
//   QUORUM_IMPL   the implementation: one that the build knows, or a module's file (solutions)
//   QUORUM_SEED   the first seed (1)
//   QUORUM_SEEDS  how many seeds (3)

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "grader/report/failure_text.h"
#include "grader/run/modules.h"
#include "grader/run/play.h"
#include "grader/scenarios/stands_on.h"

namespace quorum::cli {
namespace {

using grader::Scenario;
using run::Outcome;

std::string Variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

class ScenarioTest : public ::testing::Test {
 public:
  explicit ScenarioTest(const Scenario& scenario) : scenario_(scenario) {}

 protected:
  void TestBody() override {
    const std::string impl = Variable("QUORUM_IMPL", "solutions");
    const std::string file = FileOf(impl);
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "There is no " << file << ".";
    const auto module = run::LoadStudentModule(file);
    ASSERT_TRUE(module.ok()) << module.status().message();
    std::vector<const ModuleTable*> modules = {*module};
    for (const std::string& other : grader::StandsOn(scenario_.lab)) {
      const auto below = run::LoadStudentModule(QUORUM_MODULES "/solutions/" + other + ".so");
      ASSERT_TRUE(below.ok()) << below.status().message();
      modules.push_back(*below);
    }
    const std::uint64_t first = std::stoull(Variable("QUORUM_SEED", "1"));
    const std::uint64_t count = std::stoull(Variable("QUORUM_SEEDS", "3"));
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
      Outcome outcome;
      outcome.scenario = &scenario_;
      outcome.deciding = run::Play(scenario_, run::PlanOf(scenario_, seed), modules);
      outcome.seeds_run = 1;
      outcome.verdict = Outcome::Verdict::kFailed;
      ASSERT_EQ(outcome.deciding->verdict(), run::RUN_PASSED)
          << "\n"
          << report::FailureText(outcome, impl, false);
    }
  }

 private:
  std::string FileOf(const std::string& impl) const {
    if (impl.ends_with(".so")) return impl;
    return QUORUM_MODULES "/" + impl + "/" + scenario_.lab + ".so";
  }

  const Scenario& scenario_;
};

}  // namespace
}  // namespace quorum::cli

int main(int argc, char** argv) {
  for (const quorum::grader::Scenario& scenario : quorum::grader::AllScenarios()) {
    ::testing::RegisterTest(
        scenario.lab, scenario.name, nullptr, nullptr, __FILE__, __LINE__,
        [&scenario]() -> ::testing::Test* { return new quorum::cli::ScenarioTest(scenario); });
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
