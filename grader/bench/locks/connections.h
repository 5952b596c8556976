#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>

#include "common/rpc/grpc_transport.h"
#include "grader/bench/locks/lock_store.h"

namespace quorum::bench {

/// The connections of all clients of a store that speaks gRPC.
class Connections {
 public:
  explicit Connections(const std::map<NodeId, std::string>& addresses) {
    for (auto& transport : transports_) {
      transport = MakeGrpcTransport({.listen = "", .peers = addresses});
    }
  }
  GrpcTransport& Of(int client) {
    return *transports_[static_cast<std::size_t>(client) % kConnections];
  }

 private:
  std::array<std::unique_ptr<GrpcTransport>, kConnections> transports_;
};

}  // namespace quorum::bench
