// What a student sees when one half of the server is right and the other one is not: the scenarios
// with servers of two implementations tell the halves apart, and whose server it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "grader/scenarios/raft/mutant_run.h"

namespace quorum::grader {
namespace {

using ::testing::StartsWith;

/// A known bug, in one half of a server.
struct HalfWrong {
  const char* mutant;
  const char* fails;
  const char* passes;
  bool by_one = true;  ///< what breaks is seen at one server, and not that nothing goes on
};
void PrintTo(const HalfWrong& half, std::ostream* out) { *out << half.mutant; }

class HalvesTest : public ::testing::TestWithParam<HalfWrong> {};

TEST_P(HalvesTest, TheHalfThatIsWrongFails) {
  const run::RunResult result = PlayMutant(GetParam().mutant, ScenarioNamed(GetParam().fails));
  ASSERT_EQ(result.verdict(), run::RUN_FAILED);
  EXPECT_THAT(result.failure().blame(),
              StartsWith(GetParam().by_one ? "The student's server " : "No single server "))
      << result.failure().statement() << ": " << result.failure().detail();
}

TEST_P(HalvesTest, TheOtherHalfPasses) {
  const run::RunResult result = PlayMutant(GetParam().mutant, ScenarioNamed(GetParam().passes));
  EXPECT_EQ(result.verdict(), run::RUN_PASSED)
      << result.failure().statement() << ": " << result.failure().detail();
}

constexpr HalfWrong kHalves[] = {
    // who votes, and who stands
    {"R01", "MixedVoters", "MixedCandidate"},
    {"R13", "MixedCandidate", "MixedVoters", false},
    // who follows
    {"R15", "MixedFollowers", "MixedLeader"},
    {"R16", "MixedFollowers", "MixedLeader"},
    {"R17", "MixedFollowers", "MixedLeader"},
    {"R25", "MixedFollowersThroughCrashes", "MixedLeaderThroughCrashes"},
    // who leads
    {"R18", "MixedLeader", "MixedFollowers"},
    {"R24", "MixedLeader", "MixedFollowers"},
};

INSTANTIATE_TEST_SUITE_P(Raft, HalvesTest, ::testing::ValuesIn(kHalves),
                         [](const auto& half) { return std::string(half.param.mutant); });

}  // namespace
}  // namespace quorum::grader
