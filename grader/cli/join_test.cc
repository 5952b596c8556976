// The membership of a cluster of processes is changed by the two commands, while clients append.

#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>

#include "grader/check/linearizability/explain.h"
#include "grader/check/linearizability/linearizability.h"
#include "grader/cli/cluster_file.h"
#include "grader/cli/cluster_under_test.h"
#include "grader/processes/crowd.h"

namespace quorum::cli {
namespace {

constexpr int kClients = 3;
constexpr int kSomeWords = 30;
constexpr int kTries = 20;

class RaftCluster : public ClusterUnderTest {
 protected:
  RaftCluster()
      : ClusterUnderTest("raft", [](const std::string&, const std::string&) {
          return absl::StatusOr<ClusterTools::Files>({RAFT_SOLVED, QUORUM_NODE});
        }) {}

  std::map<NodeId, std::string> Addresses() const {
    std::map<NodeId, std::string> addresses;
    const auto cluster = ReadClusterFile(home_ / "cluster.json");
    EXPECT_TRUE(cluster.ok()) << cluster.status();
    if (!cluster.ok()) return addresses;
    for (const ClusterNode& node : cluster->nodes) addresses[node.id] = node.address;
    return addresses;
  }

  /// Asks whoever leads until it is done; the last word on it.
  std::string ChangeTo(const std::string& voters, grader::Crowd& crowd) const {
    std::string said;
    for (int attempt = 0; attempt < kTries; ++attempt) {
      const auto [exit_code, output] =
          Call({std::to_string(crowd.AwaitLeader()), "/quorum.raft.Membership/ChangeMembership",
                R"({"voters":)" + voters + "}", "--timeout", "60"});
      said = output;
      if (exit_code == 0 && nlohmann::json::parse(said).value("outcome", "") == "CHANGED") break;
    }
    return said;
  }
};

TEST_F(RaftCluster, TakesInAServerWhileAnotherOneLeaves) {
  Begin("--nodes 3 --join 1 --feature membership");
  AwaitOutput("Node 4 is no member until the leader's /quorum.raft.Membership/ChangeMembership ");
  AwaitOutput("Ctrl-C stops the cluster.");
  grader::Crowd crowd(grader::Service::kKeyValue, Addresses(), kClients);
  EXPECT_TRUE(crowd.AwaitExecuted(kSomeWords));
  EXPECT_THAT(ChangeTo("[2,3,4]", crowd), ::testing::HasSubstr("CHANGED"));
  EXPECT_TRUE(crowd.AwaitExecuted(kSomeWords));
  // A majority of 2, 3 and 4 is left, and none of 1, 2 and 3.
  Kill(2);
  AwaitOutput("Node 2 was killed");
  Kill(1);
  AwaitOutput("Node 1 was killed");
  EXPECT_TRUE(crowd.AwaitExecuted(kSomeWords));
  EXPECT_THAT(crowd.AwaitLeader(), ::testing::AnyOf(3, 4));
  EXPECT_TRUE(crowd.Finish());
  const check::CheckResult result = check::CheckHistory(crowd.History(), check::Model::kKv);
  EXPECT_EQ(result.verdict, check::Verdict::kLinearizable) << check::Explain(result);
  EXPECT_EQ(Stop(), 0);
}

TEST_F(RaftCluster, GoesOnWithoutServersThatAreYetToJoin) {
  Begin("--nodes 1 --join 2");
  AwaitOutput("Node 3 is no member until ");
  AwaitOutput("Ctrl-C stops the cluster.");
  Kill(3);
  AwaitOutput("Node 3 was killed");
  grader::Crowd crowd(grader::Service::kKeyValue, Addresses(), 1);
  EXPECT_EQ(crowd.AwaitLeader(), 1);
  EXPECT_TRUE(crowd.Finish());
}

TEST_F(RaftCluster, MustHaveSomebodyToJoin) {
  Begin("--nodes 3 --join 0");
  EXPECT_EQ(End(), 2);
}

}  // namespace
}  // namespace quorum::cli
