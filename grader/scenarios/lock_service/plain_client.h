#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "grader/scenarios/lock_service/lock_room.h"
#include "grader/scenarios/puppet.h"

namespace quorum::grader::locks {

/// A client without the library, played by the scenario: what lock_service.proto says is all that
/// it knows. It finds the master, and asks again under the same number.
class PlainClient {
 public:
  PlainClient(LockRoom& room, NodeId id);

  /// The call of its next operation, or of one that changes nothing.
  quorum::lock_service::Call NewCall();
  quorum::lock_service::Call Reading() const;
  /// It will not ask for this operation again, and says so with the next one.
  void HasAnswer(const quorum::lock_service::Call& call) { unanswered_.erase(call.number()); }
  std::uint64_t session() const { return session_; }

  /// Asks until some server has given an answer that counts.
  template <class Request, class Response>
  absl::StatusOr<Response> Ask(const Method<Request, Response>& method, const Request& request) {
    for (int attempt = 0; attempt < 200; ++attempt) {
      absl::StatusOr<Response> answer = puppet_.Ask(server_, method, request);
      if (Counts(answer.status())) return answer;
      Turn();
    }
    room_.stage().Require(kProgress, false, "A client has asked 200 times without an answer.");
    return absl::UnavailableError("");
  }

  /// An answer that may come.
  template <class Response>
  using Coming = std::shared_ptr<std::optional<absl::StatusOr<Response>>>;
  /// Asks `server` once, and does not wait.
  template <class Request, class Response>
  Coming<Response> BeginAt(NodeId server, const Method<Request, Response>& method,
                           const Request& request) {
    auto coming = std::make_shared<std::optional<absl::StatusOr<Response>>>();
    puppet_.template Begin<Request, Response>(
        server, method, request,
        [coming](const absl::StatusOr<Response>& response) { *coming = response; });
    return coming;
  }
  /// The same with the server that it takes for the master.
  template <class Request, class Response>
  Coming<Response> BeginAtMaster(const Method<Request, Response>& method, const Request& request) {
    return BeginAt(server_, method, request);
  }
  /// Begins to ask until some server has given an answer that counts.
  template <class Request, class Response>
  void BeginUntilAnswered(const Method<Request, Response>& method, const Request& request,
                          std::function<void(const absl::StatusOr<Response>&)> done) {
    puppet_.template Begin<Request, Response>(
        server_, method, request,
        [this, method, request, done](const absl::StatusOr<Response>& response) {
          if (Counts(response.status())) return done(response);
          server_ = Next();
          room_.world().At(room_.world().now() + kPause, [this, method, request, done] {
            BeginUntilAnswered<Request, Response>(method, request, done);
          });
        });
  }

 private:
  static constexpr sim::SimTime kPause = 50 * kMillisecond;

  static bool Counts(const absl::Status& status);
  NodeId Next() const;
  void Turn();

  LockRoom& room_;
  PuppetOf<> puppet_;
  NodeId server_ = 1;
  std::uint64_t session_ = 0;
  std::uint64_t last_number_ = 0;
  std::set<std::uint64_t> unanswered_;
};

}  // namespace quorum::grader::locks
