#pragma once

// The typed half of `Env`: messages to bytes and back. Included by env.h.

#include <string>

#include "common/env/env.h"

namespace quorum {

/// The wire name of `method` and the full names of its message types.
template <class Request, class Response>
MethodName NameOf(const Method<Request, Response>& method) {
  return {method.path, Request::descriptor()->full_name().c_str(),
          Response::descriptor()->full_name().c_str()};
}

template <class Request, class Response>
void Env::Call(NodeId peer, const Method<Request, Response>& method, const Request& request,
               Duration timeout,
               std::type_identity_t<absl::AnyInvocable<void(absl::StatusOr<Response>)>> done) {
  CallRaw(peer, NameOf(method), request.SerializeAsString(), timeout,
          [done = std::move(done)](const absl::Status& status, std::string_view bytes) mutable {
            if (!status.ok()) return done(status);
            absl::StatusOr<Response> response{Response()};
            if (!response->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
              return done(absl::InternalError("The peer's answer is not a message of its type."));
            }
            done(std::move(response));
          });
}

template <class Request, class Response, class Handler>
void Env::Serve(const Method<Request, Response>& method, Handler handler) {
  ServeRaw(NameOf(method), [this, handler = std::move(handler), request = Request()](
                               std::string_view bytes, std::uint64_t id) mutable {
    Responder<Response> responder(*this, id);
    if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return responder.Fail(
          absl::InvalidArgumentError("The request is not a message of its type."));
    }
    handler(static_cast<const Request&>(request), std::move(responder));
  });
}

}  // namespace quorum
