// Lab 2 for real: three processes over gRPC and RocksDB, of which one after the other is killed
// with SIGKILL or stopped with SIGSTOP while clients append and read. What they were told is judged
// as in the simulator.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "common/env/real/clock.h"
#include "common/log/register.h"
#include "common/node/testing/child_process.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "common/storage/storage_testing.h"
#include "grader/check/linearizability/explain.h"
#include "grader/check/linearizability/linearizability.h"

namespace quorum::grader::paxos {
namespace {

using namespace std::chrono_literals;
using testing::ChildProcess;

constexpr NodeId kNodes = 3;
using Addresses = std::map<NodeId, std::string>;

/// Ports that are free now, and none that the system gives to whoever connects.
Addresses FreeAddresses() {
  std::random_device random;
  Addresses addresses;
  while (addresses.size() < kNodes) {
    const std::string address = "127.0.0.1:" + std::to_string(10000 + random() % 20000);
    const auto probe = MakeGrpcTransport({.listen = address, .peers = {}});
    const bool free = probe->Start([](Transport::Request) {}).ok();
    if (free) addresses.emplace(static_cast<NodeId>(addresses.size()) + 1, address);
  }
  return addresses;
}

/// One client: appends, and now and then reads, at whoever leads.
class Client {
 public:
  Client(const Addresses& addresses, int number)
      : transport_(MakeGrpcTransport({.listen = "", .peers = addresses})), number_(number) {}

  void Run(const std::atomic<bool>& stop) {
    for (int count = 0; !stop; ++count) {
      if (count % 4 == 3) {
        Read(stop);
      } else {
        Append(std::to_string(number_) + "." + std::to_string(count));
      }
    }
  }
  /// Reads until somebody answers, or for 20 s.
  bool ReadAtLast() {
    const Time give_up = MonotonicNow() + 20s;
    const std::atomic<bool> go_on = false;
    while (MonotonicNow() < give_up) {
      if (Read(go_on)) return true;
    }
    return false;
  }

  const check::History& history() const { return history_; }
  int acknowledged() const { return acknowledged_; }

 private:
  template <class Request, class Response>
  absl::StatusOr<Response> Call(const Method<Request, Response>& method, const Request& request) {
    const auto bytes =
        CallAndWait(*transport_, node_, method.path, request.SerializeAsString(), 400ms);
    if (!bytes.ok()) return bytes.status();
    Response response;
    response.ParseFromString(*bytes);
    return response;
  }

  void Append(const std::string& value) {
    check::Operation operation = Begin(check::OpKind::kAppend);
    operation.value = value + " ";
    log::AppendRequest request;
    request.set_value(operation.value);
    const auto response = Call(log::kAppend, request);
    if (response.ok() && response->outcome() == log::WriteResponse::EXECUTED) {
      operation.ret = Now();
      ++acknowledged_;
    } else {
      TryElsewhere(response.ok() ? response->leader_hint() : 0);
      if (response.ok() && response->outcome() == log::WriteResponse::NOT_LEADER) return;
    }
    history_.push_back(std::move(operation));
  }

  bool Read(const std::atomic<bool>& stop) {
    for (int attempt = 0; attempt < 10 && !stop; ++attempt) {
      check::Operation operation = Begin(check::OpKind::kGet);
      const auto response = Call(log::kRead, log::ReadRequest());
      if (response.ok() && response->confirmed()) {
        operation.result = response->value();
        operation.ret = Now();
        history_.push_back(std::move(operation));
        return true;
      }
      TryElsewhere(response.ok() ? response->leader_hint() : 0);
    }
    return false;
  }

  check::Operation Begin(check::OpKind kind) const {
    check::Operation operation;
    operation.client = number_;
    operation.op = kind;
    operation.call = Now();
    return operation;
  }
  static std::int64_t Now() { return MonotonicNow().time_since_epoch().count(); }
  void TryElsewhere(NodeId hint) {
    node_ = hint != 0 && hint != node_ ? hint : node_ % kNodes + 1;
    std::this_thread::sleep_for(20ms);
  }

  std::unique_ptr<GrpcTransport> transport_;
  int number_;
  NodeId node_ = 1;
  check::History history_;
  int acknowledged_ = 0;
};

class PaxosProcessesTest : public ::testing::TestWithParam<const char*> {
 protected:
  void Start(NodeId node) {
    std::vector<std::string> command = {QUORUM_NODE,
                                        "--module",
                                        GetParam(),
                                        "--role",
                                        "paxos.register",
                                        "--node",
                                        std::to_string(node),
                                        "--data",
                                        (home_ / ("node-" + std::to_string(node))).string()};
    for (const auto& [id, address] : addresses_) {
      command.push_back("--address");
      command.push_back(std::to_string(id) + "=" + address);
    }
    nodes_[node] = std::make_unique<ChildProcess>(command);
    ASSERT_NE(nodes_[node]->ReadLine(), "") << "Node " << node << " does not start.";
  }

  void KillAndRestart(NodeId node) {
    nodes_[node]->Signal(SIGKILL);
    EXPECT_EQ(nodes_[node]->Wait(), -SIGKILL) << nodes_[node]->errors();
    std::this_thread::sleep_for(700ms);
    Start(node);
  }
  void StopForAWhile(NodeId node) {
    nodes_[node]->Signal(SIGSTOP);
    std::this_thread::sleep_for(900ms);
    nodes_[node]->Signal(SIGCONT);
  }

  const testing::TemporaryFolder home_;
  const Addresses addresses_ = FreeAddresses();
  std::map<NodeId, std::unique_ptr<ChildProcess>> nodes_;
};

TEST_P(PaxosProcessesTest, LoseNoAcknowledgedAppendWhenAMinorityIsKilledOrStopped) {
  for (NodeId node = 1; node <= kNodes; ++node) Start(node);
  Client one(addresses_, 1);
  Client two(addresses_, 2);
  std::atomic<bool> stop = false;
  std::thread first([&] { one.Run(stop); });
  std::thread second([&] { two.Run(stop); });
  std::this_thread::sleep_for(1s);
  for (NodeId node = 1; node <= kNodes; ++node) {  // one of them leads
    KillAndRestart(node);
    std::this_thread::sleep_for(600ms);
    StopForAWhile(node);
    std::this_thread::sleep_for(600ms);
  }
  stop = true;
  first.join();
  second.join();
  EXPECT_TRUE(one.ReadAtLast()) << "Nobody leads for 20 seconds.";

  check::History history = one.history();
  history.insert(history.end(), two.history().begin(), two.history().end());
  const check::CheckResult result = check::CheckHistory(history, check::Model::kKv);
  EXPECT_EQ(result.verdict, check::Verdict::kLinearizable) << check::Explain(result);
  EXPECT_GT(one.acknowledged() + two.acknowledged(), 50);
  RecordProperty("acknowledged", one.acknowledged() + two.acknowledged());
}

INSTANTIATE_TEST_SUITE_P(Paxos, PaxosProcessesTest, ::testing::Values(PAXOS_SOLVED, PAXOS_VARIANT),
                         [](const auto& info) { return info.index == 0 ? "solutions" : "plain"; });

}  // namespace
}  // namespace quorum::grader::paxos
