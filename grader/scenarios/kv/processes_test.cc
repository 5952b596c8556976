// Part 3G for real: three servers as processes, used by the client role as a process, and by a
// program in Python that knows kv.proto and nothing else. The leader is killed in between.

#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "common/env/real/clock.h"
#include "common/node/testing/free_address.h"
#include "common/node/testing/node_processes.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "labs/lab3_raft/kv.h"

namespace quorum::grader::kv {
namespace {

using namespace std::chrono_literals;
using quorum::kv::EXECUTED;
using quorum::kv::GetRequest;
using quorum::kv::GetResponse;
using quorum::kv::WriteRequest;
using quorum::kv::WriteResponse;

constexpr NodeId kClient = 101;
constexpr Duration kPatience = 30s;

class KvProcessesTest : public ::testing::TestWithParam<const char*> {
 protected:
  KvProcessesTest()
      : servers_({.role = "raft.kv",
                  .modules = std::vector<std::string>(3, GetParam()),
                  .config = R"({"lab": {"@type": "type.googleapis.com/quorum.kv.KvConfig",
                                        "snapshotEvery": 5}})",
                  .direct = true}) {
    servers_.StartAll();
  }

  template <class Request, class Response>
  static absl::StatusOr<Response> Call(Transport& transport, NodeId node,
                                       const Method<Request, Response>& method,
                                       const Request& request, Duration timeout) {
    const auto bytes =
        CallAndWait(transport, node, method.path, request.SerializeAsString(), timeout);
    if (!bytes.ok()) return bytes.status();
    Response response;
    response.ParseFromString(*bytes);
    return response;
  }

  /// Who leads, as it says and proves itself.
  NodeId AwaitLeader() {
    const auto transport = MakeGrpcTransport({.listen = "", .peers = servers_.addresses()});
    for (const Time give_up = MonotonicNow() + kPatience; MonotonicNow() < give_up;) {
      for (const NodeId node : servers_.nodes()) {
        const auto got = Call(*transport, node, quorum::kv::kGet, GetRequest(), 300ms);
        if (got.ok() && got->outcome() == EXECUTED) return node;
      }
      std::this_thread::sleep_for(50ms);
    }
    ADD_FAILURE() << "Nobody leads.";
    return 1;
  }

  testing::NodeProcesses servers_;
};

TEST_P(KvProcessesTest, AnswerAPythonProgramAsBeforeWhenTheLeaderIsGone) {
  std::vector<std::string> command = {"/usr/bin/env", "PYTHONPATH=" PYTHON_MESSAGES,
                                      "/usr/bin/python3", "grader/scenarios/kv/python_client.py"};
  for (const auto& [node, address] : servers_.addresses()) command.push_back(address);
  testing::ChildProcess python(command);
  ASSERT_EQ(python.ReadLine(), "ready") << (python.Wait(), python.errors());
  const NodeId leader = AwaitLeader();
  servers_.Kill(leader);
  python.Signal(SIGUSR1);
  EXPECT_EQ(python.ReadLine(), "all as expected");
  EXPECT_EQ(python.Wait(), 0) << python.errors();
}

TEST_P(KvProcessesTest, ExecuteOnceWhatTheirClientIsAskedForWhileLeadersDie) {
  const std::string address = testing::FreeAddress();
  const testing::TemporaryFolder home;
  std::vector<std::string> command = {QUORUM_NODE,
                                      "--module",
                                      GetParam(),
                                      "--role",
                                      "kv.client",
                                      "--node",
                                      "101",
                                      "--data",
                                      home / "client",
                                      "--config",
                                      R"({"peers": [1, 2, 3]})"};
  command.insert(command.end(), {"--address", "101=" + address});
  for (const auto& [node, server] : servers_.addresses()) {
    command.insert(command.end(), {"--address", std::to_string(node) + "=" + server});
  }
  testing::ChildProcess client(command);
  ASSERT_NE(client.ReadLine(), "");
  const auto transport = MakeGrpcTransport({.listen = "", .peers = {{kClient, address}}});
  std::string value;
  const auto append = [&](int number) {
    WriteRequest request;
    request.set_key("log");
    request.set_append(std::to_string(number) + ";");
    value += request.append();
    const auto written = Call(*transport, kClient, quorum::kv::kWrite, request, kPatience);
    ASSERT_TRUE(written.ok()) << written.status();
    EXPECT_EQ(written->size(), value.size());
  };
  for (int round = 0; round < 3; ++round) {
    for (int number = 0; number < 10; ++number) append(10 * round + number);
    const NodeId leader = AwaitLeader();
    servers_.Kill(leader);
    for (int number = 0; number < 5; ++number) append(100 + 10 * round + number);
    servers_.Start(leader);
  }
  GetRequest request;
  request.set_key("log");
  const auto got = Call(*transport, kClient, quorum::kv::kGet, request, kPatience);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->value(), value);
}

INSTANTIATE_TEST_SUITE_P(Kv, KvProcessesTest, ::testing::Values(RAFT_SOLVED, RAFT_VARIANT),
                         [](const auto& info) { return info.index == 0 ? "solutions" : "plain"; });

}  // namespace
}  // namespace quorum::grader::kv
