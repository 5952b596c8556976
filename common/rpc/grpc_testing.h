#pragma once

// What the tests of the gRPC transport share.

#include <memory>
#include <string>
#include <utility>

#include "common/env/check.h"
#include "common/env/real/node_host.h"
#include "common/node/testing/counter_node.h"
#include "common/rpc/grpc_transport.h"
#include "common/storage/memory_store.h"

namespace quorum::testing {

inline constexpr const char* kAnyPort = "127.0.0.1:0";

/// A counter node served over gRPC on loopback.
class CounterServer {
 public:
  explicit CounterServer(const std::string& address = kAnyPort,
                         std::map<NodeId, std::string> peers = {}) {
    auto transport = MakeGrpcTransport({.listen = address, .peers = std::move(peers)});
    GrpcTransport* grpc = transport.get();
    host_ = std::make_unique<NodeHost>(
        std::make_unique<MemoryStore>(), std::move(transport), [](std::string_view) {}, nullptr);
    const absl::Status started =
        host_->Start([](Env& env) { return std::make_unique<CounterNode>(env, NodeConfig()); });
    Check(started.ok(), "A test's server finds its port free.");
    port_ = grpc->port();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void Stop() { host_->Stop(); }

 private:
  std::unique_ptr<NodeHost> host_;
  int port_ = 0;
};

}  // namespace quorum::testing
