// Lab 2 for real: three processes over gRPC and RocksDB, to which everything happens that happens
// to lab 3's (grader/processes/chaos.h) while clients append and read. What they were told is
// judged as in the simulator; and a module with a known bug shows that this can fail.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grader/check/linearizability/explain.h"
#include "grader/processes/chaos.h"

namespace quorum::grader::paxos {
namespace {

Chaos OfThree(const char* module) {
  return {Service::kRegister,
          {.role = "paxos.register", .modules = std::vector<std::string>(3, module)},
          2};
}

class PaxosProcesses : public ::testing::TestWithParam<const char*> {};

TEST_P(PaxosProcesses, LoseNoWordAndRepeatNoneWhateverHappens) {
  Chaos chaos = OfThree(GetParam());
  for (const Episode episode : AllEpisodes()) chaos.Play(episode);
  const check::CheckResult result = chaos.End();
  EXPECT_THAT(chaos.complaints(), ::testing::IsEmpty());
  EXPECT_EQ(result.verdict, check::Verdict::kLinearizable) << check::Explain(result);
  RecordProperty("executed", chaos.executed());
}

INSTANTIATE_TEST_SUITE_P(Paxos, PaxosProcesses, ::testing::Values(PAXOS_SOLVED, PAXOS_VARIANT),
                         [](const auto& info) { return info.index == 0 ? "solutions" : "plain"; });

TEST(PaxosBug, AnswersBeforeAQuorumHasAccepted) {
  EXPECT_TRUE(ShowsIn(Episode::kCutOffLeader, [] { return OfThree(PAXOS_P29); }));
}

}  // namespace
}  // namespace quorum::grader::paxos
