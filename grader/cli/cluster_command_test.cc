// `quorum cluster` and `quorum call` with the counter as their lab.

#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "grader/cli/cluster_file.h"
#include "grader/cli/cluster_under_test.h"

namespace quorum::cli {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class Cluster : public ClusterUnderTest {
 protected:
  Cluster()
      : ClusterUnderTest("counter", [](const std::string& impl, const std::string&) {
          return absl::StatusOr<ClusterTools::Files>({impl == "stale"   ? STALE_MODULE
                                                      : impl == "other" ? OTHER_MODULE
                                                                        : COUNTER_MODULE,
                                                      QUORUM_NODE});
        }) {}
};

TEST_F(Cluster, RunsNodesThatCallReaches) {
  Begin("--nodes 3 --role counter.node");
  AwaitOutput("Ctrl-C stops the cluster.");
  const std::string add = "/quorum.testing.Counter/Add";
  auto [exit_code, output] = Call({"1", add, R"({"amount": 3})"});
  EXPECT_EQ(exit_code, 0) << output;
  EXPECT_EQ(nlohmann::json::parse(output), nlohmann::json::parse(R"({"sum": "3",
                                                                     "first_boot": true})"));
  // Nodes reach each other, and a method needs no slash in front.
  std::tie(exit_code, output) = Call({"1", "quorum.testing.Counter/AddAt",
                                      R"({"node": 3, "request": {"amount": 5},
                                          "timeout_ms": 30000})"});
  EXPECT_THAT(output, HasSubstr(R"("sum": "5")"));
  std::tie(exit_code, output) = Call({"2"});
  EXPECT_EQ(exit_code, 0);
  EXPECT_THAT(output, HasSubstr(add + "\n"));
  EXPECT_EQ(Stop(), 0);
  EXPECT_EQ(Call({"1", add}).first, 1);
  EXPECT_THAT(Call({"1", add}).second, HasSubstr("UNAVAILABLE: "));
}

TEST_F(Cluster, MixesImplementations) {
  Begin("--nodes 3 --role counter.node --mix 2,3=other");
  AwaitOutput("Ctrl-C");
  EXPECT_THAT(ReadAll(home_ / "out"), HasSubstr("Node 2 runs " OTHER_MODULE ".\nNode 3 runs "));
  EXPECT_THAT(ReadAll(home_ / "out"), ::testing::Not(HasSubstr("Node 1 runs")));
  const auto cluster = ReadClusterFile(home_ / "cluster.json");
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_THAT(cluster->nodes[0].command, ::testing::Contains(COUNTER_MODULE));
  EXPECT_THAT(cluster->nodes[2].command, ::testing::Contains(OTHER_MODULE));
  EXPECT_EQ(Call({"1", "/quorum.testing.Counter/AddAt",
                  R"({"node": 3, "request": {"amount": 5}, "timeout_ms": 30000})"})
                .first,
            0);
  EXPECT_EQ(Stop(), 0);
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"4=other", "\"4\" is no node from 1 to 3."},
      {"1,x=other", "\"x\" is no node from 1 to 3."},
      {"2", "names no implementation"},
      {"2=", "names no implementation"},
      {"2=other --mix 1,2=other", "--mix gives node 2 two implementations."},
      {"2=stale", "was built against other headers"}};
  for (const auto& [mix, complaint] : bad) {
    Begin("--nodes 3 --role counter.node --mix " + mix);
    EXPECT_EQ(End(), 2);
    EXPECT_THAT(ReadAll(home_ / "err"), HasSubstr(complaint));
  }
}

TEST_F(Cluster, CallTellsErrorsFromBadUsage) {
  Begin("--nodes 1 --role counter.node");
  AwaitOutput("Ctrl-C");
  auto [exit_code, output] =
      Call({"1", "/quorum.testing.Counter/Fail", R"({"code": 9, "message": "as asked"})"});
  EXPECT_EQ(exit_code, 1);
  EXPECT_EQ(output, "FAILED_PRECONDITION: as asked\n");
  std::tie(exit_code, output) = Call({"1", "/quorum.testing.Counter/Absent"});
  EXPECT_EQ(exit_code, 1);
  EXPECT_THAT(output, HasSubstr("UNIMPLEMENTED: "));
  std::tie(exit_code, output) =
      Call({"1", "/quorum.testing.Counter/Wait", R"({"milliseconds": 60000})", "--timeout", "0.1"});
  EXPECT_EQ(exit_code, 1);
  EXPECT_THAT(output, HasSubstr("DEADLINE_EXCEEDED: "));
  const std::vector<std::pair<std::vector<std::string>, std::string>> bad = {
      {{"2", "/quorum.testing.Counter/Add"}, "has no node 2"},
      {{"one", "/quorum.testing.Counter/Add"}, "neither a node's number nor HOST:PORT"},
      {{"1", "/quorum.testing.Counter/Subtract"}, "has no unary method Subtract"},
      {{"1", "/quorum.testing.Abacus/Add"}, "knows no service quorum.testing.Abacus"},
      {{"1", "Add"}, "write /package.Service/Method"},
      {{"1", "/quorum.testing.Counter/Add", "{"}, "not a quorum.testing.AddRequest in JSON"},
      {{"1", "/quorum.testing.Counter/Echo", R"({"payload": "not base64;"})"}, "written in base64"},
      {{"1", "/quorum.testing.Counter/Add", R"({"sum": 1})"}, "Cannot find field"}};
  for (const auto& [arguments, complaint] : bad) {
    std::tie(exit_code, output) = Call(arguments);
    EXPECT_EQ(exit_code, 2) << output;
    EXPECT_THAT(output, HasSubstr(complaint));
  }
}

TEST_F(Cluster, ReportsANodeThatDiesAndGoesOn) {
  Begin("--nodes 2 --role counter.node");
  AwaitOutput("Ctrl-C");
  Kill(1);
  AwaitOutput("Node 1 was killed by signal 9 (Killed); see ");
  EXPECT_EQ(Call({"2", "/quorum.testing.Counter/Add"}).first, 0);
  EXPECT_EQ(Stop(), 0);
}

TEST_F(Cluster, KeepsItsDataAndPassesConfigurationOn) {
  const std::string config =
      R"(--lab-config '{"@type":"type.googleapis.com/quorum.testing.CounterConfig","start":"70"}')";
  for (int sum = 71; sum <= 72; ++sum) {
    Begin("--nodes 1 --role counter.node " + config);
    AwaitOutput("Ctrl-C");
    EXPECT_THAT(Call({"1", "/quorum.testing.Counter/Add", R"({"amount": 1})"}).second,
                HasSubstr("\"sum\": \"" + std::to_string(sum) + "\""));
    EXPECT_EQ(Stop(), 0);
  }
}

TEST_F(Cluster, SaysWhatIsWrong) {
  Begin("--nodes 1");
  EXPECT_EQ(End(), 2);
  EXPECT_THAT(ReadAll(home_ / "err"),
              HasSubstr("Say --role: the module of lab counter has counter.node, counter.twin."));
  Begin("--nodes 1 --role clerk");
  EXPECT_EQ(End(), 2);
  EXPECT_THAT(ReadAll(home_ / "err"), HasSubstr("and not clerk"));
  Begin("--nodes 1 --role counter.node --lab-config 7");
  EXPECT_EQ(End(), 2);
  EXPECT_THAT(ReadAll(home_ / "err"), HasSubstr("--lab-config is not a JSON object"));
  Begin("--nodes 1 --role counter.node --join 1");
  EXPECT_EQ(End(), 2);
  EXPECT_THAT(ReadAll(home_ / "err"),
              HasSubstr("--join says nothing to lab counter, whose nodes are the same for ever."));
  Begin("--nodes 0");
  EXPECT_EQ(End(), 2);
  fs::create_directories(home_ / "counter.node/node-1");
  std::ofstream(home_ / "counter.node/node-1/cat.jpg") << "meow";
  Begin("--nodes 2 --role counter.node");
  EXPECT_EQ(End(), 1);
  EXPECT_THAT(ReadAll(home_ / "err"), HasSubstr("Node 1 has ended with exit code 1: "));
  EXPECT_THAT(ReadAll(home_ / "err"), HasSubstr("holds files that are not a node's data"));
}

}  // namespace
}  // namespace quorum::cli
