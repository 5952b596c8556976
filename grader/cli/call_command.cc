#include "grader/cli/call_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "absl/strings/numbers.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "common/rpc/remote_schema.h"
#include "grader/cli/certificates.h"
#include "grader/cli/cluster_file.h"

namespace quorum::cli {
namespace {

constexpr const char* kCallFooter =
    R"(Example: quorum call 2 /quorum.echo.EchoClient/Say '{"text":"hello"}'
NODE is a number of the cluster that was started last, or HOST:PORT. Without METHOD it lists what the
node serves. JSON stands for the method's request, as Protocol Buffers map one to the other:
bytes are written in base64.
Exit codes: 0 answered, 1 an error (its code comes first), 2 bad usage.)";

constexpr int kError = 1;
constexpr int kBadCall = 2;
constexpr NodeId kPeer = 1;  // what the one node that we talk to is called here

struct CallOptions {
  std::string node;
  std::string method;
  std::string json = "{}";
  double timeout = 5;
  std::string cluster_file;
  std::string tls;
  std::string name = kUsualClient;
};

/// Where a node is, and the folder of certificates with which it is called, if it speaks TLS.
struct Place {
  std::string address;
  std::string tls;
};

int EndCall(int exit_code, const absl::Status& status) {
  if (exit_code == kBadCall) {
    fmt::print(stderr, "quorum call: {}\n", std::string(status.message()));
  } else {
    fmt::print(stderr, "{}: {}\n", absl::StatusCodeToString(status.code()),
               std::string(status.message()));
  }
  return exit_code;
}

absl::StatusOr<Place> FindNode(const CallOptions& options) {
  if (options.node.find(':') != std::string::npos) return Place{options.node, options.tls};
  NodeId id = 0;
  if (!absl::SimpleAtoi(options.node, &id)) {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is neither a node's number nor HOST:PORT.", options.node));
  }
  const auto cluster = ReadClusterFile(options.cluster_file);
  if (!cluster.ok()) return cluster.status();
  for (const ClusterNode& node : cluster->nodes) {
    if (node.id == id) return Place{node.address, options.tls.empty() ? cluster->tls : options.tls};
  }
  return absl::NotFoundError(
      fmt::format("The cluster of lab {}, started last, has no node {}.", cluster->lab, id));
}

int ListMethods(RemoteSchema& schema) {
  const auto services = schema.Services();
  if (!services.ok()) return EndCall(kError, services.status());
  for (const std::string& service : *services) {
    const auto methods = schema.MethodsOf(service);
    if (!methods.ok()) return EndCall(kError, methods.status());
    for (const std::string& method : *methods) fmt::print("{}\n", method);
  }
  return 0;
}

int Run(const CallOptions& options) {
  const auto place = FindNode(options);
  if (!place.ok()) return EndCall(kBadCall, place.status());
  std::optional<TlsIdentity> tls;
  if (!place->tls.empty()) {
    auto identity = ReadTlsIdentity(place->tls, options.name);
    if (!identity.ok()) return EndCall(kBadCall, identity.status());
    tls = *std::move(identity);
  }
  const auto timeout =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.timeout));
  const auto transport =
      MakeGrpcTransport({.listen = "", .peers = {{kPeer, place->address}}, .tls = tls});
  RemoteSchema schema(*transport, kPeer, timeout);
  if (options.method.empty()) return ListMethods(schema);

  const std::string path = options.method.front() == '/' ? options.method : "/" + options.method;
  const auto method = schema.FindMethod(path);
  if (!method.ok()) {
    return EndCall(absl::IsInvalidArgument(method.status()) ? kBadCall : kError, method.status());
  }
  const auto request = schema.Encode(**method, options.json);
  if (!request.ok()) return EndCall(kBadCall, request.status());
  const auto response = CallAndWait(*transport, kPeer, path, *request, timeout);
  if (!response.ok()) return EndCall(kError, response.status());
  const auto json = schema.Decode(**method, *response);
  if (!json.ok()) return EndCall(kError, json.status());
  fmt::print("{}", *json);
  return 0;
}

}  // namespace

void AddCallCommand(CLI::App& app, int& exit_code, const std::string& last_cluster) {
  auto options = std::make_shared<CallOptions>();
  options->cluster_file = last_cluster;
  CLI::App* call = app.add_subcommand("call", "Talk to a running node of any lab, in JSON");
  call->footer(kCallFooter);
  call->add_option("NODE", options->node, "The node")->required();
  call->add_option("METHOD", options->method, "/package.Service/Method");
  call->add_option("JSON", options->json, "The request; {} unless given");
  call->add_option("--timeout", options->timeout, "How long to wait, in seconds; 5 unless given")
      ->check(CLI::PositiveNumber);
  call->add_option("--cluster", options->cluster_file, "The cluster.json of another cluster");
  call->add_option("--tls", options->tls,
                   "The folder of certificates; the cluster's own unless NODE is HOST:PORT");
  call->add_option("--as", options->name, "Whose certificate to show; client's unless given");
  call->callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace quorum::cli
