// A client that knows lock_service.proto, and no library.
#include <functional>
#include <memory>
#include <utility>

#include "common/env/env.h"
#include "common/env/node.h"
#include "grader/explore/lock_service/small_cell.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::explore::locks {
namespace {

using namespace quorum::lock_service;

// One that may be held is asked again and again, which an implementation that holds none would make
// a world without end.
constexpr int kKeepAlives = 3;

/// Whether it is the answer, or the client has to ask elsewhere.
bool Counts(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kResourceExhausted:
      return true;
    default:
      return false;
  }
}

class ScriptedClient final : public Node {
 public:
  ScriptedClient(Env& env, NodeId self) : env_(env), attempt_(self) {
    env_.Serve(kBegin, [this](const BeginRequest&, auto responder) {
      Begin(std::make_shared<Responder<BeginResponse>>(std::move(responder)));
    });
    env_.Serve(kTakeTurn, [this](const TakeTurnRequest& request, auto responder) {
      TakeTurn(request, std::make_shared<Responder<TakeTurnResponse>>(std::move(responder)));
    });
    env_.Serve(kGiveBack, [this](const GiveBackRequest&, auto responder) {
      auto user = std::make_shared<Responder<GiveBackResponse>>(std::move(responder));
      Release([user](const absl::Status& status) {
        status.ok() ? user->Reply({}) : user->Fail(status);
      });
    });
    env_.Serve(kKeepSession, [this](const KeepSessionRequest& request, auto responder) {
      Keep(request.hold_ns() == 0 ? 1 : kKeepAlives, request.hold_ns(),
           std::make_shared<Responder<KeepSessionResponse>>(std::move(responder)));
    });
  }

 private:
  /// Asks each server once, until one has given an answer that counts.
  template <class Request, class Response>
  void Ask(const Method<Request, Response>& method, const Request& request,
           absl::AnyInvocable<void(const absl::StatusOr<Response>&)> done,
           std::size_t asked_before = 0) {
    env_.Call(server_, method, request, kForEver,
              [this, method, request, asked_before, server = server_,
               done = std::move(done)](const absl::StatusOr<Response>& response) mutable {
                if (Counts(response.status())) return done(response);
                if (server_ == server) server_ = server == kServers[0] ? kServers[1] : kServers[0];
                if (asked_before + 1 == std::size(kServers)) return done(response);
                Ask(method, request, std::move(done), asked_before + 1);
              });
  }

  /// It has the answers of all before.
  Call NewCall() {
    Call call;
    call.set_session(session_);
    call.set_number(++last_number_);
    call.set_answered_below(last_number_);
    return call;
  }

  void Begin(std::shared_ptr<Responder<BeginResponse>> user) {
    CreateSessionRequest request;
    request.set_attempt(attempt_);
    Ask<CreateSessionRequest, CreateSessionResponse>(quorum::lock_service::kCreateSession, request,
                                                     [this, user](const auto& response) {
                                                       if (!response.ok())
                                                         return user->Fail(response.status());
                                                       session_ = response->session();
                                                       Open(user);
                                                     });
  }

  void Open(std::shared_ptr<Responder<BeginResponse>> user) {
    OpenRequest request;
    *request.mutable_call() = NewCall();
    request.set_path(kLockPath);
    request.set_write(true);
    request.set_create(OpenRequest::IF_ABSENT);
    Ask<OpenRequest, OpenResponse>(quorum::lock_service::kOpen, request,
                                   [this, user](const auto& response) {
                                     if (!response.ok()) return user->Fail(response.status());
                                     handle_ = response->handle();
                                     user->Reply({});
                                   });
  }

  void TakeTurn(const TakeTurnRequest& turn, std::shared_ptr<Responder<TakeTurnResponse>> user) {
    const auto done = [this, user,
                       keeps = turn.keeps()](const absl::StatusOr<AcquireResponse>& response) {
      if (!response.ok()) return user->Fail(response.status());
      TakeTurnResponse took;
      took.set_acquired(response->acquired());
      if (keeps || !took.acquired()) return user->Reply(took);
      Release([user, took](const absl::Status& status) {
        status.ok() ? user->Reply(took) : user->Fail(status);
      });
    };
    const auto ask = [&](auto request, const auto& method) {
      *request.mutable_call() = NewCall();
      request.set_handle(handle_);
      request.set_mode(EXCLUSIVE);
      request.set_lock_delay_ns(turn.lock_delay_ns());
      Ask<decltype(request), AcquireResponse>(method, request, done);
    };
    turn.waits() ? ask(AcquireRequest(), quorum::lock_service::kAcquire)
                 : ask(TryAcquireRequest(), quorum::lock_service::kTryAcquire);
  }

  void Release(std::function<void(const absl::Status&)> done) {
    ReleaseRequest request;
    *request.mutable_call() = NewCall();
    request.set_handle(handle_);
    Ask<ReleaseRequest, ReleaseResponse>(
        quorum::lock_service::kRelease, request,
        [done = std::move(done)](const auto& response) { done(response.status()); });
  }

  void Keep(int times, std::int64_t hold_ns, std::shared_ptr<Responder<KeepSessionResponse>> user) {
    KeepAliveRequest request;
    request.set_session(session_);
    request.set_hold_ns(hold_ns);
    Ask<KeepAliveRequest, KeepAliveResponse>(quorum::lock_service::kKeepAlive, request,
                                             [this, times, hold_ns, user](const auto& response) {
                                               if (!response.ok())
                                                 return user->Fail(response.status());
                                               times > 1 ? Keep(times - 1, hold_ns, user)
                                                         : user->Reply({});
                                             });
  }

  Env& env_;
  const std::uint64_t attempt_;
  NodeId server_ = kServers[0];
  std::uint64_t session_ = 0;
  std::uint64_t handle_ = 0;
  std::uint64_t last_number_ = 0;
};

}  // namespace

std::unique_ptr<Node> MakeScriptedClient(Env& env, const NodeConfig& config) {
  return std::make_unique<ScriptedClient>(env, config.self());
}

}  // namespace quorum::explore::locks
