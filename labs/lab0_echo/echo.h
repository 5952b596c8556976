#pragma once

#include <memory>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "labs/lab0_echo/echo.pb.h"

/// Lab 0: one server, any number of clients, and a network that loses and repeats requests.
///
/// A client retries until it is answered, so a request may reach the server several times, also
/// long after its answer. The server executes each request *at most once*: it keeps its last answer
/// to every client, durably, and repeats that answer instead of executing again (Birrell & Nelson,
/// "Implementing remote procedure calls", 1984, section 3.3). Later labs use the same idea.
namespace quorum::echo {

inline constexpr Method<EchoRequest, EchoResponse> kEcho{"/quorum.echo.Echo/Echo"};
inline constexpr Method<SayRequest, SayResponse> kSay{"/quorum.echo.EchoClient/Say"};

/// The node that serves.
inline constexpr NodeId kServer = 1;

/// Role "echo.server": serves kEcho.
std::unique_ptr<Node> MakeEchoServer(Env& env, const NodeConfig& config);

/// Role "echo.client": serves kSay, one request after the other.
std::unique_ptr<Node> MakeEchoClient(Env& env, const NodeConfig& config);

}  // namespace quorum::echo
