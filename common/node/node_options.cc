#include "common/node/node_options.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/strings/numbers.h"

namespace quorum {
namespace {

constexpr const char* kFooter =
    R"(Example: quorum_node --module modules/labs/echo.so --role echo.server --node 1
           --address 1=127.0.0.1:7101 --address 2=127.0.0.1:7102 --data data/node-1
`quorum cluster` starts several. SIGTERM and SIGINT end a node.
Exit codes: 0 ended by a signal, 1 the node cannot run, 2 bad usage.)";

/// Takes "ID=HOST:PORT"; what is wrong with it, or an empty string.
std::string AddAddress(const std::string& text, std::map<NodeId, std::string>& addresses) {
  const std::size_t equals = text.find('=');
  NodeId node = 0;
  if (equals == std::string::npos || text.find(':', equals) == std::string::npos ||
      !absl::SimpleAtoi(text.substr(0, equals), &node) || node == 0) {
    return "\"" + text + "\" is not an address: write ID=HOST:PORT, with an id of at least 1.";
  }
  if (!addresses.emplace(node, text.substr(equals + 1)).second) {
    return "Node " + text.substr(0, equals) + " is given two addresses.";
  }
  return "";
}

}  // namespace

std::optional<NodeOptions> ParseNodeOptions(int argc, char** argv, int& exit_code) {
  NodeOptions options;
  std::vector<std::string> addresses;
  CLI::App app("Runs one node of a lab as a process.", "quorum_node");
  app.footer(kFooter);
  app.add_option("--module", options.module, "The implementation to run")->required();
  app.add_option("--role", options.role, "The one of its roles to play")->required();
  app.add_option("--log-module", options.log_module,
                 "The implementation of the log on which a role stands that needs one");
  app.add_option("--node", options.node, "Which node this is")->required();
  app.add_option("--address", addresses, "ID=HOST:PORT of a node; once for each, this one included")
      ->required();
  app.add_option("--data", options.data, "The folder of this node's data")->required();
  app.add_option(
      "--config", options.config,
      "A quorum.NodeConfig in JSON; without \"peers\" they are all nodes with an address");
  app.add_option("--tls", options.tls,
                 "The folder with ca.crt, node-ID.crt and node-ID.key; without it the node speaks "
                 "plain text, on loopback only");
  app.add_option(
         "--metrics", options.metrics_port,
         "The port of 127.0.0.1 on which Prometheus finds its metrics; 0 takes any free one")
      ->check(CLI::Range(0, 65535));
  app.add_flag("--die-with-parent", options.die_with_parent,
               "End when the process that started this one does");
  std::string wrong;
  try {
    app.parse(argc, argv);
    for (const std::string& text : addresses) {
      if (wrong.empty()) wrong = AddAddress(text, options.addresses);
    }
    if (wrong.empty() && !options.addresses.contains(options.node)) {
      wrong = "Node " + std::to_string(options.node) + " has no --address.";
    }
  } catch (const CLI::Success& asked_for_help) {
    exit_code = app.exit(asked_for_help);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    wrong = error.what();
  }
  if (wrong.empty()) return options;
  std::fprintf(stderr, "quorum_node: %s (see --help)\n", wrong.c_str());
  exit_code = 2;
  return std::nullopt;
}

}  // namespace quorum
