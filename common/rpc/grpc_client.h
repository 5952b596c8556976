#pragma once

// The calling half of the gRPC transport.

#include <grpcpp/generic/generic_stub.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

#include "common/rpc/tls_identity.h"
#include "common/rpc/transport.h"

namespace quorum {

/// Calls nodes by their addresses; one connection to each, made when it is first called.
class GrpcClient {
 public:
  GrpcClient(std::map<NodeId, std::string> peers, std::optional<TlsIdentity> tls)
      : peers_(std::move(peers)), tls_(std::move(tls)) {}
  ~GrpcClient() { Stop(); }

  /// As `Transport::Call` and `Transport::Stop`.
  void Call(NodeId peer, const std::string& path, const std::string& bytes, Time deadline,
            Transport::Done done);
  void Stop();

 private:
  struct PendingCall;

  std::shared_ptr<grpc::GenericStub> StubOf(NodeId peer);
  void Finish(const std::shared_ptr<PendingCall>& call, const grpc::Status& status);

  const std::map<NodeId, std::string> peers_;
  const std::optional<TlsIdentity> tls_;
  std::mutex mutex_;
  std::condition_variable none_pending_;
  bool stopped_ = false;
  std::map<NodeId, std::shared_ptr<grpc::GenericStub>> stubs_;
  std::unordered_set<std::shared_ptr<PendingCall>> pending_;
};

}  // namespace quorum
