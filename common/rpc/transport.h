#pragma once

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/env/time.h"

namespace quorum {

/// Carries bytes between nodes: what the real `Env` stands on. It knows neither message types nor
/// durability. Deadlines are readings of `MonotonicNow` (common/env/real/clock.h), `Time::max()`
/// meaning none; between machines they travel as the time that is left.
class Transport {
 public:
  /// The outcome of a call: a status and, when it is OK, the response's bytes.
  using Done = absl::AnyInvocable<void(absl::Status status, std::string response)>;

  /// One received request.
  struct Request {
    std::string path;    ///< "/package.Service/Method"
    std::string bytes;   ///< the serialised message
    std::string caller;  ///< the caller's authenticated name; empty when nobody vouches for it
    Time deadline = Time::max();
    /// Answers the request; may be called from any thread, once. Dropped without having been called
    /// it answers UNAVAILABLE, as if the process had died.
    Done reply;
  };
  /// Takes each request, on a thread of the transport's own.
  using Handler = absl::AnyInvocable<void(Request)>;

  virtual ~Transport() = default;

  /// Begins to accept requests. An error says in one sentence why it cannot.
  virtual absl::Status Start(Handler handler) = 0;

  /// Tells clients that ask (server reflection, health checks) that `path` is served from now on.
  virtual void Announce(const std::string& path) {}

  /// Sends a request and calls `done` exactly once, on a thread of the transport's own, unless
  /// `Stop` comes first. Any thread may call this, also before `Start`. UNAVAILABLE: there is no
  /// such peer, or it does not listen, or it died before it answered. DEADLINE_EXCEEDED: no answer
  /// in time. Every other code is the peer's.
  virtual void Call(NodeId peer, const std::string& path, std::string bytes, Time deadline,
                    Done done) = 0;

  /// Ends everything. When it returns no handler and no `done` is running or will run; callers
  /// whose requests are unanswered get UNAVAILABLE. Later calls and replies do nothing.
  virtual void Stop() = 0;
};

}  // namespace quorum
