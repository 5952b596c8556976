// Lab 3 for real: five processes over gRPC and RocksDB, whose links are cut, whose disks are full,
// and that are killed and stopped, while clients append and read. What they were told is judged as
// in the simulator; and modules with a known bug show that this can fail.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grader/check/linearizability/explain.h"
#include "grader/processes/chaos.h"

namespace quorum::grader::raft {
namespace {

constexpr int kClients = 4;

/// Part 3G, whose clients ask again until they are answered; snapshots all the time.
Chaos OfKeyValues(std::vector<std::string> modules) {
  return {Service::kKeyValue,
          {.role = "raft.kv",
           .modules = std::move(modules),
           .config = R"({"lab": {"@type": "type.googleapis.com/quorum.kv.KvConfig",
                                 "snapshotEvery": 25}})"},
          kClients};
}

/// The log under the register with which it is graded.
Chaos OfRegister(std::vector<std::string> modules) {
  return {Service::kRegister,
          {.role = "raft.register",
           .modules = std::move(modules),
           .config = R"({"lab": {"@type": "type.googleapis.com/quorum.log.RegisterConfig",
                                 "snapshotEvery": 25}})"},
          kClients};
}

void ExpectNothingLost(Chaos&& chaos) {
  for (const Episode episode : AllEpisodes()) chaos.Play(episode);
  const check::CheckResult result = chaos.End();
  EXPECT_THAT(chaos.complaints(), ::testing::IsEmpty());
  EXPECT_EQ(result.verdict, check::Verdict::kLinearizable) << check::Explain(result);
}

TEST(RaftProcesses, ExecuteEachWriteOnceWhateverHappens) {
  ExpectNothingLost(OfKeyValues(std::vector<std::string>(5, RAFT_SOLVED)));
}

TEST(RaftProcesses, LoseNoWordWhateverHappens) {
  ExpectNothingLost(OfRegister(std::vector<std::string>(5, RAFT_VARIANT)));
}

TEST(RaftProcesses, OfTwoImplementationsAreOneCluster) {
  ExpectNothingLost(
      OfKeyValues({RAFT_SOLVED, RAFT_VARIANT, RAFT_SOLVED, RAFT_VARIANT, RAFT_VARIANT}));
}

/// A module with a known bug, over which service and in which episode it shows.
struct Bug {
  const char* name;
  Chaos (*start)(std::vector<std::string> modules);
  const char* module;
  Episode episode;

  friend void PrintTo(const Bug& bug, std::ostream* out) { *out << bug.name; }
};

class RaftBug : public ::testing::TestWithParam<Bug> {};

TEST_P(RaftBug, IsFound) {
  EXPECT_TRUE(ShowsIn(GetParam().episode, [] {
    return GetParam().start(std::vector<std::string>(5, GetParam().module));
  }));
}

INSTANTIATE_TEST_SUITE_P(
    Raft, RaftBug,
    ::testing::Values(Bug{"AnswersBeforeItCommits", OfRegister, RAFT_R24, Episode::kCutOffLeader},
                      Bug{"AcknowledgesBeforeItWrites", OfRegister, RAFT_R25,
                          Episode::kHangingDisks},
                      Bug{"ReadsWithoutAQuorum", OfRegister, RAFT_R64, Episode::kCutOffLeader},
                      Bug{"ExecutesTwice", OfKeyValues, RAFT_P27, Episode::kOneWayCuts}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace quorum::grader::raft
