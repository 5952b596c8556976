#include "grader/cli/cluster_command.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/log/log_host.h"
#include "common/node/module_loader.h"
#include "grader/cli/certificates.h"
#include "grader/cli/cluster_file.h"
#include "grader/cli/cluster_processes.h"
#include "grader/cli/lab_defaults.h"

namespace quorum::cli {
namespace {

constexpr const char* kFooter =
    R"(Example: quorum cluster echo --nodes 3, and beside it: quorum call 2
Node k listens on port BASE + k - 1 of this machine, keeps its data in DIR/node-k and logs to
DIR/node-k.log. Data outlives the cluster: remove DIR to begin anew. A node that dies is reported and
not replaced; the command that starts it again stands in DIR/cluster.json.
The lock service's nodes speak TLS, with certificates in DIR/tls or where --tls says, which are made
if need be: ca.crt for clients to believe in, and client.crt with client.key for them to show;
`quorum tls` makes others. --plaintext, on this machine only, does without.
--metrics PORT lets Prometheus find the metrics of node k at http://127.0.0.1:(PORT + k - 1)/metrics.
--mix 4,5=solutions runs nodes 4 and 5 with another implementation than --impl says, so that yours and
the reference are one cluster.
--join 1 starts one more node, with the number after the others', that knows all and is none of the
cluster: it waits until its leader is called to take it in. All nodes learn all addresses when they
start, so those that are to join later start now.
Exit codes: 0 stopped by a signal, 1 a node could not start or none is left, 2 bad usage.)";

constexpr int kNodeFailed = 1;
constexpr int kBadUsage = 2;

struct Options {
  std::string lab;
  int nodes = 5;
  int join = 0;
  int base_port = 7101;
  std::string data;
  std::string role;
  std::string impl;
  std::vector<std::string> mix;
  std::string log;
  std::string lab_config;
  std::vector<std::string> features;
  std::string tls;
  bool plaintext = false;
  int metrics = 0;

  /// All that run; those after the first `nodes` are to join.
  int processes() const { return nodes + join; }
};

/// What a node runs.
struct Runs {
  std::string impl;
  ClusterTools::Files files;
  const ModuleTable* module = nullptr;
};

int Complain(int exit_code, const absl::Status& status) {
  fmt::print(stderr, "quorum cluster: {}\n", std::string(status.message()));
  return exit_code;
}

/// Whether `role` stands on a log that another lab brings.
bool StandsOnLog(const Role& role) {
  return role.part != nullptr && std::string_view(role.part_type) == kLogHostFactoryType;
}

/// The role of one node: as told, as the lab has it, or the only one there is.
absl::StatusOr<std::string> RoleOf(const ModuleTable& module, const Options& options, NodeId node) {
  std::vector<std::string> roles;
  for (const Role& role : module.roles) {
    if (role.node != nullptr || StandsOnLog(role)) roles.emplace_back(role.name);
  }
  std::string role = options.role;
  const LabDefaults defaults = DefaultsOf(options.lab);
  if (role.empty() && defaults.role != nullptr) role = defaults.role(node, options.nodes);
  if (role.empty() && roles.size() == 1) role = roles.front();
  if (std::ranges::count(roles, role) > 0) return role;
  if (roles.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("The module of lab {} has no role that runs as a node.", options.lab));
  }
  return absl::InvalidArgumentError(fmt::format("Say --role: the module of lab {} has {}{}.",
                                                options.lab, fmt::join(roles, ", "),
                                                role.empty() ? "" : ", and not " + role));
}

/// The configuration of one node in JSON, as `quorum_node --config` takes it.
absl::StatusOr<std::string> ConfigOf(const Options& options, NodeId node) {
  NodeConfig config;
  config.set_self(node);
  for (int peer = 1; peer <= options.nodes; ++peer) config.add_peers(static_cast<NodeId>(peer));
  for (const std::string& feature : options.features) config.add_features(feature);
  const LabDefaults defaults = DefaultsOf(options.lab);
  if (defaults.configure != nullptr) defaults.configure(config);
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(config, &text);
  if (!status.ok()) return absl::InternalError(std::string(status.message()));
  if (options.lab_config.empty()) return text;
  // As it is: only the node, which has the lab's .proto, can tell whether it fits.
  nlohmann::json json = nlohmann::json::parse(text);
  json["lab"] = nlohmann::json::parse(options.lab_config, nullptr, /*allow_exceptions=*/false);
  if (!json["lab"].is_object() || !json["lab"].contains("@type")) {
    return absl::InvalidArgumentError(
        "--lab-config is not a JSON object with \"@type\": "
        "\"type.googleapis.com/package.Message\".");
  }
  return json.dump();
}

absl::StatusOr<Runs> Find(const Options& options, const ClusterTools& tools,
                          const std::string& impl) {
  const absl::StatusOr<ClusterTools::Files> files = tools.find(impl, options.lab);
  if (!files.ok()) return files.status();
  const absl::StatusOr<const ModuleTable*> module = LoadModule(files->module);
  if (!module.ok()) return module.status();
  if ((*module)->lab == options.lab) return Runs{impl, *files, *module};
  return absl::InvalidArgumentError(
      fmt::format("{} implements lab {}, not {}.", files->module, (*module)->lab, options.lab));
}

/// Puts what `text`, "4,5=IMPL", says into `impls`; what is wrong with it, or an empty string.
std::string AddMix(const std::string& text, const Options& options,
                   std::map<NodeId, std::string>& impls) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals + 1 == text.size()) {
    return fmt::format("--mix {} names no implementation: write NODE,NODE=IMPL.", text);
  }
  for (const auto& part : absl::StrSplit(text.substr(0, equals), ',')) {
    NodeId node = 0;
    if (!absl::SimpleAtoi(part, &node) || node == 0 ||
        node > static_cast<NodeId>(options.processes())) {
      return fmt::format("--mix {}: \"{}\" is no node from 1 to {}.", text, std::string(part),
                         options.processes());
    }
    if (!impls.emplace(node, text.substr(equals + 1)).second) {
      return fmt::format("--mix gives node {} two implementations.", node);
    }
  }
  return "";
}

/// What each node runs.
absl::StatusOr<std::map<NodeId, Runs>> FindAll(const Options& options, const ClusterTools& tools) {
  std::map<NodeId, std::string> impls;
  for (const std::string& text : options.mix) {
    const std::string wrong = AddMix(text, options, impls);
    if (!wrong.empty()) return absl::InvalidArgumentError(wrong);
  }
  std::map<std::string, Runs> found;
  std::map<NodeId, Runs> all;
  for (NodeId node = 1; node <= static_cast<NodeId>(options.processes()); ++node) {
    const std::string impl = impls.contains(node) ? impls[node] : options.impl;
    if (!found.contains(impl)) {
      absl::StatusOr<Runs> runs = Find(options, tools, impl);
      if (!runs.ok()) return runs.status();
      found[impl] = *std::move(runs);
    }
    all[node] = found[impl];
  }
  return all;
}

/// What tells a node of the role `name` which log it stands on: nothing if it stands on none.
absl::StatusOr<std::vector<std::string>> LogArguments(const Options& options,
                                                      const ClusterTools& tools,
                                                      const ModuleTable& module,
                                                      const std::string& name) {
  const auto role = std::ranges::find(module.roles, name, &Role::name);
  if (!StandsOnLog(*role)) {
    if (options.log.empty()) return std::vector<std::string>();
    return absl::InvalidArgumentError(
        fmt::format("--log says nothing to {}, which stands on no log of another lab.", name));
  }
  const char* usual = DefaultsOf(options.lab).log;
  if (options.log.empty() && usual == nullptr) {
    return absl::InvalidArgumentError(fmt::format("Say --log: {} stands on one.", name));
  }
  const auto log = tools.find("", options.log.empty() ? usual : options.log);
  if (!log.ok()) return log.status();
  return std::vector<std::string>{"--log-module", log->module};
}

/// The folder of the cluster's certificates, all of which are there then; empty: plain text.
absl::StatusOr<std::string> MakeCertificates(const Options& options,
                                             const std::filesystem::path& data) {
  const bool asked_for = !options.tls.empty();
  if (options.plaintext && asked_for) {
    return absl::InvalidArgumentError("--tls and --plaintext exclude each other.");
  }
  if (options.plaintext || (!asked_for && !DefaultsOf(options.lab).encrypted)) return std::string();
  const std::string folder =
      (asked_for ? std::filesystem::absolute(options.tls) : data / "tls").string();
  absl::Status status = MakeAuthority(folder);
  for (int node = 1; node <= options.processes() && status.ok(); ++node) {
    status = MakeCertificate(folder, fmt::format("node-{}", node));
  }
  if (status.ok()) status = MakeCertificate(folder, kUsualClient);
  if (!status.ok()) return status;
  return folder;
}

absl::StatusOr<ClusterFile> PlanCluster(const Options& options, const ClusterTools& tools,
                                        const std::map<NodeId, Runs>& runs,
                                        const std::filesystem::path& data) {
  if (options.join > 0 && DefaultsOf(options.lab).takes_in == nullptr) {
    return absl::InvalidArgumentError(fmt::format(
        "--join says nothing to lab {}, whose nodes are the same for ever.", options.lab));
  }
  const std::vector<std::string> addresses =
      LoopbackAddresses(options.processes(), options.base_port);
  const absl::StatusOr<std::string> tls = MakeCertificates(options, data);
  if (!tls.ok()) return tls.status();
  ClusterFile cluster{options.lab, {}, *tls};
  for (const auto& [id, run] : runs) {
    const absl::StatusOr<std::string> role = RoleOf(*run.module, options, id);
    if (!role.ok()) return role.status();
    const absl::StatusOr<std::string> config = ConfigOf(options, id);
    if (!config.ok()) return config.status();
    const std::string folder = data / fmt::format("node-{}", id);
    ClusterNode node{id, *role, addresses[id - 1], folder + ".log", {}};
    node.command = {
        run.files.node_program, "--module", run.files.module, "--role",   *role,  "--node",
        fmt::to_string(id),     "--data",   folder,           "--config", *config};
    const auto log = LogArguments(options, tools, *run.module, *role);
    if (!log.ok()) return log.status();
    node.command.insert(node.command.end(), log->begin(), log->end());
    if (!tls->empty()) node.command.insert(node.command.end(), {"--tls", *tls});
    if (options.metrics != 0) {
      node.command.insert(node.command.end(),
                          {"--metrics", fmt::to_string(options.metrics + id - 1)});
    }
    for (NodeId other = 1; other <= addresses.size(); ++other) {
      node.command.insert(node.command.end(),
                          {"--address", fmt::format("{}={}", other, addresses[other - 1])});
    }
    cluster.nodes.push_back(std::move(node));
  }
  return cluster;
}

void PrintTable(const Options& options, const ClusterFile& cluster,
                const std::map<NodeId, Runs>& runs) {
  fmt::print("{:<5} {:<21} {:<20} {}\n", "node", "address", "role", "log");
  for (const ClusterNode& node : cluster.nodes) {
    fmt::print("{:<5} {:<21} {:<20} {}\n", node.id, node.address, node.role, node.log);
  }
  const Runs& most = runs.begin()->second;
  fmt::print("They run {}{}.\n", most.files.module,
             most.impl == "solutions" ? " (yours: --impl labs)" : "");
  for (const auto& [node, run] : runs) {
    if (run.impl != runs.begin()->second.impl) {
      fmt::print("Node {} runs {}.\n", node, run.files.module);
    }
  }
  for (int node = options.nodes + 1; node <= options.processes(); ++node) {
    fmt::print("Node {} is no member until the leader's {} takes it in.\n", node,
               DefaultsOf(options.lab).takes_in);
  }
  if (!cluster.tls.empty()) fmt::print("They speak TLS; certificates: {}\n", cluster.tls);
  fmt::print("`quorum call 1` lists what node 1 serves. Ctrl-C stops the cluster.\n");
  std::fflush(stdout);
}

/// Waits for a signal to stop, reporting nodes that end before.
int Watch(ClusterProcesses& processes, const sigset_t& signals) {
  while (processes.running() > 0) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGCHLD) {
      processes.Stop();
      fmt::print("\nThe cluster has stopped.\n");
      return 0;
    }
    for (const std::string& sentence : processes.Reap()) fmt::print("{}\n", sentence);
    std::fflush(stdout);
  }
  fmt::print("No node is left.\n");
  return kNodeFailed;
}

int Run(const Options& options, const ClusterTools& tools) {
  const absl::StatusOr<std::map<NodeId, Runs>> runs = FindAll(options, tools);
  if (!runs.ok()) return Complain(kBadUsage, runs.status());
  // The data of one role are none of another's.
  const std::string folder = options.role.empty() ? options.lab : options.role;
  const std::filesystem::path data = std::filesystem::absolute(
      options.data.empty() ? tools.data_folder + "/" + folder : options.data);
  absl::StatusOr<ClusterFile> cluster = PlanCluster(options, tools, *runs, data);
  if (!cluster.ok()) return Complain(kBadUsage, cluster.status());
  // Before any node starts: it says how to start one again.
  for (const std::filesystem::path& note :
       {data / "cluster.json", std::filesystem::path(tools.data_folder) / "cluster.json"}) {
    if (absl::Status status = WriteClusterFile(note, *cluster); !status.ok()) {
      return Complain(kBadUsage, status);
    }
  }
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ClusterProcesses processes;
  for (ClusterNode& node : cluster->nodes) {
    node.command.push_back("--die-with-parent");
    if (absl::Status status = processes.Start(node); !status.ok()) {
      return Complain(kNodeFailed, status);
    }
  }
  PrintTable(options, *cluster, *runs);
  return Watch(processes, signals);
}

}  // namespace

void AddClusterCommand(CLI::App& app, int& exit_code, ClusterTools tools) {
  auto options = std::make_shared<Options>();
  CLI::App* cluster =
      app.add_subcommand("cluster", "Run a lab's nodes as processes on this machine");
  cluster->footer(kFooter);
  cluster->add_option("LAB", options->lab, "The lab, for example hash_ring")->required();
  cluster->add_option("--nodes", options->nodes, "How many nodes; 5 unless given")
      ->check(CLI::Range(1, 1000));
  cluster->add_option("--join", options->join, "How many more, that are to join later")
      ->check(CLI::Range(1, 1000));
  cluster->add_option("--base-port", options->base_port, "Node 1's port; 0 takes any free ones")
      ->check(CLI::Range(0, 65000));
  cluster->add_option(
      "--data", options->data,
      "DIR, where data and logs go; data/LAB unless given, or data/ROLE with --role");
  cluster->add_option("--role", options->role, "The role that every node plays");
  cluster->add_option("--impl", options->impl,
                      "The implementation: labs, a module, or solutions, as it is unless given");
  cluster->add_option("--mix", options->mix,
                      "NODE,NODE=IMPL: these nodes run another implementation");
  cluster->add_option("--log", options->log,
                      "The lab whose log the nodes stand on, raft or paxos, where they need one");
  cluster->add_option("--feature", options->features, "A feature to switch on, by name");
  cluster->add_option("--tls", options->tls, "The folder of the nodes' certificates");
  cluster->add_flag("--plaintext", options->plaintext, "Speak without TLS");
  cluster->add_option("--metrics", options->metrics, "The port of node 1's metrics")
      ->check(CLI::Range(1, 65000));
  cluster->add_option("--lab-config", options->lab_config,
                      "What NodeConfig.lab holds: a message in JSON, with \"@type\"");
  cluster->callback(
      [options, &exit_code, tools = std::move(tools)] { exit_code = Run(*options, tools); });
}

}  // namespace quorum::cli
