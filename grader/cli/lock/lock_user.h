#pragma once

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "common/env/module.h"
#include "common/env/real/node_host.h"
#include "common/rpc/tls_identity.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::cli {

/// A cell, and how one talks to it.
struct Cell {
  std::map<NodeId, std::string> servers = {};  ///< where they listen; the numbers are ours
  std::optional<TlsIdentity> tls = {};         ///< absent: plain text
  Duration grace = {};                         ///< see `LockClientConfig.grace_ns`
};

/// The user of a session library that runs in this process. Any thread may ask.
class LockUser {
 public:
  /// Runs the session library that `module` offers. The error is a sentence.
  static absl::StatusOr<std::unique_ptr<LockUser>> Start(const ModuleTable& module,
                                                         const Cell& cell);
  ~LockUser() { host_->Stop(); }

  /// Asks for an operation of lock_client.proto; `done` is called once, on a thread of the
  /// library's, unless this object goes before.
  template <class Request, class Response>
  void Begin(const Method<Request, Response>& method, const Request& request,
             absl::AnyInvocable<void(absl::StatusOr<Response>)> done) {
    Send(method.path, request.SerializeAsString(),
         [done = std::move(done)](const absl::Status& status, const std::string& bytes) mutable {
           if (!status.ok()) return done(status);
           Response response;
           response.ParseFromString(bytes);
           done(std::move(response));
         });
  }

  /// The same, and waits; DEADLINE_EXCEEDED: for `patience` in vain.
  template <class Request, class Response>
  absl::StatusOr<Response> Ask(const Method<Request, Response>& method, const Request& request,
                               Duration patience) {
    const auto outcome = std::make_shared<std::promise<absl::StatusOr<Response>>>();
    auto answered = outcome->get_future();
    Begin<Request, Response>(method, request, [outcome](absl::StatusOr<Response> response) {
      outcome->set_value(std::move(response));
    });
    if (answered.wait_for(patience) == std::future_status::ready) return answered.get();
    return absl::DeadlineExceededError("The cell does not answer.");
  }

 private:
  /// Lets the library call the cell, and hands it what its user asks.
  class Desk;

  explicit LockUser(const Cell& cell);
  void Send(const char* path, std::string bytes, Transport::Done done);

  Desk* desk_ = nullptr;  // the host's
  std::unique_ptr<NodeHost> host_;
};

}  // namespace quorum::cli
