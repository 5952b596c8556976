// Lab 3 for real: five processes over gRPC and RocksDB, whose links are cut, whose disks are full,
// and that are killed and stopped, while clients append and read. What they were told is judged as
// in the simulator; and modules with a known bug show that this can fail.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grader/check/linearizability/explain.h"
#include "grader/processes/chaos.h"

namespace quorum::grader::raft {
namespace {

testing::ProcessesPlan Plan(std::vector<std::string> modules) {
  return {.role = "raft.register",
          .modules = std::move(modules),
          // Snapshots all the time.
          .config = R"({"lab": {"@type": "type.googleapis.com/quorum.log.RegisterConfig",
                                "snapshotEvery": 25}})"};
}

class RaftProcesses : public ::testing::TestWithParam<const char*> {};

TEST_P(RaftProcesses, LoseNoWordAndRepeatNoneWhateverHappens) {
  Chaos chaos(Plan(std::vector<std::string>(5, GetParam())), 4);
  for (const Episode episode : AllEpisodes()) chaos.Play(episode);
  const check::CheckResult result = chaos.End();
  EXPECT_THAT(chaos.complaints(), ::testing::IsEmpty());
  EXPECT_EQ(result.verdict, check::Verdict::kLinearizable) << check::Explain(result);
  RecordProperty("executed", chaos.executed());
}

INSTANTIATE_TEST_SUITE_P(Raft, RaftProcesses, ::testing::Values(RAFT_SOLVED, RAFT_VARIANT),
                         [](const auto& info) { return info.index == 0 ? "solutions" : "plain"; });

/// A module with a known bug, and the episode that shows it.
struct Bug {
  const char* name;
  const char* module;
  Episode episode;
};

class RaftBug : public ::testing::TestWithParam<Bug> {};

TEST_P(RaftBug, IsFound) {
  Chaos chaos(Plan(std::vector<std::string>(5, GetParam().module)), 4);
  chaos.Play(GetParam().episode);
  EXPECT_EQ(chaos.End().verdict, check::Verdict::kNotLinearizable);
}

INSTANTIATE_TEST_SUITE_P(
    Raft, RaftBug,
    ::testing::Values(Bug{"AnswersBeforeItCommits", RAFT_R24, Episode::kCutOffLeader},
                      Bug{"AcknowledgesBeforeItWrites", RAFT_R25, Episode::kHangingDisks},
                      Bug{"ReadsWithoutAQuorum", RAFT_R64, Episode::kCutOffLeader}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace quorum::grader::raft
