#include <signal.h>

#include <thread>

#include "common/node/testing/node_processes.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "grader/bench/puts/store.h"
#include "labs/lab3_raft/kv.h"

namespace quorum::bench {
namespace {

using namespace std::chrono_literals;

class Reference final : public Store {
 public:
  Reference()
      : nodes_({.role = kv::kRaftKvRole,
                .modules = {RAFT_MODULE, RAFT_MODULE, RAFT_MODULE},
                // As seldom as etcd does, which hands over none in such a run.
                .config = R"({"lab": {"@type": "type.googleapis.com/quorum.kv.KvConfig",
                                      "snapshotEvery": 100000}})",
                .direct = true}) {
    nodes_.StartAll();
  }

  const char* name() const override { return "reference"; }
  const std::map<NodeId, std::string>& addresses() const override { return nodes_.addresses(); }
  const char* path() const override { return kv::kWrite.path; }

  std::string Request(const std::string& key, const std::string& value) const override {
    kv::WriteRequest request;
    request.set_key(key);
    request.set_put(value);
    return request.SerializeAsString();
  }
  PutOutcome Read(const std::string& response) const override {
    kv::WriteResponse parsed;
    parsed.ParseFromString(response);
    return {parsed.outcome() == kv::EXECUTED, parsed.leader_hint()};
  }

  std::uint64_t Flushes() override {
    std::uint64_t sum = 0;
    for (const NodeId node : nodes_.nodes()) sum += nodes_.disk(node).syncs();
    return sum;
  }

  Duration CpuTime() override {
    Duration sum{};
    for (const NodeId node : nodes_.nodes()) sum += nodes_.CpuTime(node);
    return sum;
  }

  void Kill(NodeId node) override { nodes_.Kill(node); }
  void Restart(NodeId node) override { nodes_.Start(node); }
  void Signal(NodeId node, int signal) override {
    signal == SIGSTOP ? nodes_.Stop(node) : nodes_.Continue(node);
  }

  NodeId AwaitLeader() override {
    const auto transport = MakeGrpcTransport({.listen = "", .peers = addresses()});
    for (;;) {
      for (const NodeId node : nodes_.nodes()) {
        const auto answer = CallAndWait(*transport, node, path(), Request("key", ""), 1s);
        if (answer.ok() && Read(*answer).executed) return node;
      }
      std::this_thread::sleep_for(10ms);
    }
  }

 private:
  testing::NodeProcesses nodes_;
};

}  // namespace

std::unique_ptr<Store> StartReference() { return std::make_unique<Reference>(); }

}  // namespace quorum::bench
