#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/env/time.h"

namespace quorum {

/// The answering end of one received request, as the world provides it. Nodes use `Responder`.
class ReplySink {
 public:
  /// Sends the answer to the request `id`; called at most once for each.
  virtual void Reply(std::uint64_t id, const absl::Status& status, std::string_view response) = 0;
  /// The authenticated name of whoever sent the request `id`.
  virtual std::string_view CallerOf(std::uint64_t id) const = 0;
  /// When the caller of `id` stops waiting, by the clock of the node that serves it.
  virtual Time DeadlineOf(std::uint64_t id) const = 0;

 protected:
  ~ReplySink() = default;
};

/// Answers one request, now or later, at most once. One that is dropped without an answer answers
/// `ABORTED`, so that no caller waits for nothing; one that is left when its node crashes is
/// silent.
template <class Response>
class Responder {
 public:
  Responder(ReplySink& sink, std::uint64_t id) : sink_(&sink), id_(id) {}
  Responder(Responder&& other) noexcept
      : sink_(std::exchange(other.sink_, nullptr)), id_(other.id_) {}
  Responder& operator=(Responder&& other) noexcept {
    if (this != &other) {
      Drop();
      sink_ = std::exchange(other.sink_, nullptr);
      id_ = other.id_;
    }
    return *this;
  }
  ~Responder() { Drop(); }

  /// Sends `response`. Like every message it waits for the synced writes made before it.
  void Reply(const Response& response) {
    if (ReplySink* sink = std::exchange(sink_, nullptr)) {
      sink->Reply(id_, absl::OkStatus(), response.SerializeAsString());
    }
  }
  /// Sends an error; `status` must not be OK. Its code and message reach the caller unchanged.
  void Fail(const absl::Status& status) {
    if (ReplySink* sink = std::exchange(sink_, nullptr)) {
      sink->Reply(id_, status, {});
    }
  }
  /// True until `Reply` or `Fail`.
  bool pending() const { return sink_ != nullptr; }
  /// The authenticated name of the caller: "node-3" for a node of the cluster. Empty once answered,
  /// and where nothing authenticates callers (plain-text gRPC).
  std::string_view caller() const { return sink_ ? sink_->CallerOf(id_) : std::string_view(); }
  /// When the caller stops waiting, by this node's clock; `Time::max()` once answered.
  Time deadline() const { return sink_ ? sink_->DeadlineOf(id_) : Time::max(); }

 private:
  void Drop() {
    if (pending()) Fail(absl::AbortedError("The node dropped this request without an answer."));
  }

  ReplySink* sink_;
  std::uint64_t id_;
};

}  // namespace quorum
