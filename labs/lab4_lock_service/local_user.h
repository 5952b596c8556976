#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "labs/lab4_lock_service/client.h"

namespace quorum::lock_service {

/// NodeConfig.lab of a node that has a library of its own (recipes.proto, ring_keeper.proto).
template <class Own>
Own OwnConfig(const NodeConfig& config) {
  Own own;
  config.lab().UnpackTo(&own);
  return own;
}

/// What its library is told: the servers and the grace period that `own` names.
template <class Own>
NodeConfig LibraryConfig(NodeConfig config, const Own& own) {
  LockClientConfig library;
  *library.mutable_servers() = own.servers();
  library.set_grace_ns(own.grace_ns());
  config.mutable_lab()->PackFrom(library);
  return config;
}

/// A user of the session library in the library's own process: what it is answered, it is answered
/// at once, not by a message. Given.
class LocalUser final : private ReplySink {
 public:
  /// With a library of its own.
  LocalUser(Env& env, const NodeConfig& config)
      : library_(std::make_unique<LockClient>(env, config)) {}
  ~LocalUser() { waiting_.clear(); }  // what the library drops now, nobody waits for
  LocalUser(const LocalUser&) = delete;
  LocalUser& operator=(const LocalUser&) = delete;

  /// Asks for one of the library's operations; `done` is called once, perhaps before this returns.
  template <class Request, class Response>
  void Ask(void (LockClient::*operation)(const Request&, Responder<Response>),
           const Request& request,
           std::type_identity_t<absl::AnyInvocable<void(absl::StatusOr<Response>)>> done) {
    const std::uint64_t id = next_++;
    waiting_[id] = [done = std::move(done)](const absl::Status& status,
                                            std::string_view bytes) mutable {
      if (!status.ok()) return done(status);
      Response response;
      response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
      done(std::move(response));
    };
    (library_.get()->*operation)(request, Responder<Response>(*this, id));
  }

 private:
  void Reply(std::uint64_t id, const absl::Status& status, std::string_view response) override {
    auto answered = waiting_.extract(id);
    if (answered) answered.mapped()(status, response);
  }
  std::string_view CallerOf(std::uint64_t) const override { return ""; }
  Time DeadlineOf(std::uint64_t) const override { return Time::max(); }

  std::uint64_t next_ = 1;
  std::map<std::uint64_t, absl::AnyInvocable<void(const absl::Status&, std::string_view)>> waiting_;
  std::unique_ptr<LockClient> library_;  // last: it is destroyed first
};

}  // namespace quorum::lock_service
