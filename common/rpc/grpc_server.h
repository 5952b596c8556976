#pragma once

// The serving half of the gRPC transport.

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>

#include "common/rpc/tls_identity.h"
#include "common/rpc/transport.h"

namespace quorum {

/// Serves every path by one handler, and the reflection service by itself.
class GrpcServer : private grpc::CallbackGenericService {
 public:
  /// A call that is going on; it ends by itself, or when the server asks it to.
  class Exchange {
   public:
    virtual ~Exchange() = default;
    /// Answers `status` unless the call has been answered; from any thread.
    virtual void Abandon(const grpc::Status& status) = 0;
  };

  ~GrpcServer() override { Stop(); }

  absl::Status Start(const std::string& listen, const std::optional<TlsIdentity>& tls,
                     Transport::Handler handler);
  void Announce(const std::string& path);
  void Stop();
  int port() const { return port_; }

  /// For the calls: hands a request to the handler.
  void Handle(Transport::Request request) { handler_(std::move(request)); }
  /// For the calls: the last thing that one does.
  void Ended(const std::shared_ptr<Exchange>& exchange);
  /// The services announced so far.
  std::set<std::string> services();

 private:
  template <class Call>
  grpc::ServerGenericBidiReactor* Admit(Call* call);
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

  Transport::Handler handler_;
  int port_ = 0;

  std::mutex mutex_;
  std::condition_variable all_ended_;
  bool stopping_ = false;
  std::unordered_set<std::shared_ptr<Exchange>> going_on_;
  std::set<std::string> services_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace quorum
