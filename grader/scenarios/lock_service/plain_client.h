#pragma once

#include <map>
#include <set>
#include <string>

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

 private:
  static bool Counts(const absl::Status& status);
  void Turn();

  LockRoom& room_;
  PuppetOf<> puppet_;
  NodeId server_ = 1;
  std::uint64_t session_ = 0;
  std::uint64_t last_number_ = 0;
};

}  // namespace quorum::grader::locks
