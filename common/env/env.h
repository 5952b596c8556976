#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "common/env/time.h"
#include "common/env/timer.h"
#include "common/rpc/method.h"
#include "common/rpc/responder.h"
#include "common/storage/storage.h"

namespace quorum {

/// The one door between a node and the world. The same node code runs behind a simulated `Env`,
/// where it is graded, and behind a real one (gRPC and RocksDB), where it is used.
///
/// The contract of a node, which makes a run repeatable and needs no locks:
/// - Handlers (of requests, replies and timers) run one at a time, on the node's own event loop.
///   They return soon: they never block, sleep, or start a thread.
/// - Time, randomness, messages and files come from the `Env` and from nowhere else: no wall clock,
///   no `std::random_device`, no global or static variable that changes, no I/O.
/// - Nothing that can be seen from outside follows from the address of an object, or from the order
///   of an unordered container.
class Env : private TimerOwner, private ReplySink {
 public:
  virtual ~Env() = default;
  Env() = default;
  Env(const Env&) = delete;
  Env& operator=(const Env&) = delete;

  /// What this node's clock shows.
  virtual Time Now() const = 0;

  /// Sixty-four random bits. Simulated runs draw them from the seed.
  virtual std::uint64_t Random() = 0;

  /// A number drawn evenly from [0, bound); `bound` is positive.
  std::uint64_t RandomBelow(std::uint64_t bound);

  /// A length of time drawn evenly from [low, high]; what election timeouts are made of.
  Duration RandomBetween(Duration low, Duration high);

  /// Calls `fire` once, `delay` from now by this node's clock or later. Keep the timer: dropping it
  /// cancels the call.
  Timer After(Duration delay, absl::AnyInvocable<void()> fire) {
    return Timer(*this, StartTimer(delay, std::move(fire)));
  }

  /// Sends `request` to the node `peer` (which may be this one) and calls `done` at most once, with
  /// the response or an error. Every error leaves open whether the peer has executed the request,
  /// and it may execute it more than once: the network can deliver a request several times.
  /// - DEADLINE_EXCEEDED: `timeout` has passed by this node's clock; a later reply is dropped.
  /// - UNAVAILABLE: nothing listens at the peer, or it died before it answered.
  /// - UNIMPLEMENTED: the peer does not serve this method. Any other code is the peer's own.
  template <class Request, class Response>
  void Call(NodeId peer, const Method<Request, Response>& method, const Request& request,
            Duration timeout,
            std::type_identity_t<absl::AnyInvocable<void(absl::StatusOr<Response>)>> done);

  /// From now on hands each request for `method` to `handler(request, responder)`, where `request`
  /// is a `const Request&` that is valid during the call and `responder` a `Responder<Response>`.
  /// Replaces an earlier handler of the same method.
  template <class Request, class Response, class Handler>
  void Serve(const Method<Request, Response>& method, Handler handler);

  /// This node's disk.
  virtual Storage& storage() = 0;

  /// Adds a line to the trace of a simulated run, or to the real node's log.
  virtual void Log(std::string_view line) = 0;

 protected:
  /// Takes the serialised request and the id under which `ReplySink` expects its answer.
  using RawHandler = absl::AnyInvocable<void(std::string_view request, std::uint64_t id)>;
  /// Takes the outcome of a call and, when it is OK, the serialised response.
  using RawCallback = absl::AnyInvocable<void(const absl::Status&, std::string_view response)>;

 private:
  // The narrow boundary: every event into a node and every effect out of it is bytes and numbers,
  // so that it can be recorded, replayed, or carried to another process.
  virtual std::uint64_t StartTimer(Duration delay, absl::AnyInvocable<void()> fire) = 0;
  virtual void CallRaw(NodeId peer, const MethodName& method, std::string_view request,
                       Duration timeout, RawCallback done) = 0;
  virtual void ServeRaw(const MethodName& method, RawHandler handler) = 0;
};

}  // namespace quorum

#include "common/env/env_impl.h"
