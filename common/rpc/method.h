#pragma once

#include <string_view>

namespace quorum {

/// Names one rpc of a lab's .proto, for example
/// `inline constexpr Method<EchoRequest, EchoResponse> kEcho{"/quorum.echo.Echo/Echo"};`.
/// The name is the rpc's path on the wire, `/package.Service/Method`, so any gRPC client can call
/// it. `Env` compares `Request` and `Response` with the .proto's descriptor when the method is
/// first served or called, and a mismatch fails a check.
template <class Request, class Response>
struct Method {
  /// The path; a string literal, so that its address identifies the method.
  const char* path;
};

/// A method without its types: what passes between `Env` and the world.
struct MethodName {
  const char* path;
  const char* request_type;   ///< full name of the request message
  const char* response_type;  ///< full name of the response message
};

/// Fails a check unless `name` is a unary rpc of a linked .proto with just these message types.
void CheckMethodExists(const MethodName& name);

}  // namespace quorum
