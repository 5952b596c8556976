#include "common/node/node_process.h"

#include <google/protobuf/util/json_util.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/env/check.h"
#include "common/log/log_host.h"
#include "common/node/metrics.h"
#include "common/node/module_loader.h"
#include "common/rpc/grpc_transport.h"
#include "common/storage/data_folder.h"
#include "common/storage/rocksdb_storage.h"

namespace quorum {
namespace {

/// How far a machine's clock may be off unless the operator says otherwise: what NTP may slew,
/// twice.
constexpr std::uint32_t kUsualClockRateBound = 1000;

/// Which node this process runs, for what ends it.
NodeId this_node = 0;

[[noreturn]] void EndProcess(std::string_view sentence) {
  PrintLogLine(this_node, sentence);
  std::_Exit(1);  // no destructors: other threads run on
}

[[noreturn]] void EndByCheck(std::string_view sentence, SourcePlace where) {
  EndProcess(absl::StrCat("this does not hold (", where.file, ":", where.line,
                          "): ", std::string(sentence)));
}

/// Makes the node of this process.
using MakeNode = std::function<std::unique_ptr<Node>(Env& env, const NodeConfig& config)>;

bool IsPart(const Role& role, std::string_view type) {
  return role.part != nullptr && type == role.part_type;
}

/// Makes `host`, a part that stands on a log, over the log that the module in `file` offers.
absl::StatusOr<MakeNode> OverLog(const Role& host, const std::string& file) {
  if (file.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("The role \"", host.name, "\" stands on a log: say --log-module."));
  }
  const absl::StatusOr<const ModuleTable*> module = LoadModule(file);
  if (!module.ok()) return module.status();
  for (const Role& offered : (*module)->roles) {
    if (!IsPart(offered, kReplicatedLogFactoryType)) continue;
    return [make_host = reinterpret_cast<LogHostFactory>(host.part),
            make_log = reinterpret_cast<ReplicatedLogFactory>(offered.part)](
               Env& env, const NodeConfig& config) { return make_host(env, config, make_log); };
  }
  return absl::NotFoundError(absl::StrCat("The module of lab ", (*module)->lab, " has no log."));
}

absl::StatusOr<MakeNode> FindFactory(const ModuleTable& module, const NodeOptions& options) {
  std::vector<std::string> names;
  for (const Role& offered : module.roles) {
    const bool hosts = IsPart(offered, kLogHostFactoryType);
    if (offered.node == nullptr && !hosts) continue;
    if (options.role == offered.name) {
      if (hosts) return OverLog(offered, options.log_module);
      return offered.node;
    }
    names.push_back(offered.name);
  }
  return absl::NotFoundError(
      absl::StrCat("The module of lab ", module.lab, " has no node role \"", options.role,
                   "\"; it has ", names.empty() ? "none" : absl::StrJoin(names, ", "), "."));
}

absl::StatusOr<NodeConfig> MakeConfig(const NodeOptions& options, bool first_boot) {
  NodeConfig config;
  if (!options.config.empty()) {
    const auto status = google::protobuf::util::JsonStringToMessage(options.config, &config);
    if (!status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--config is not a quorum.NodeConfig in JSON: ", std::string(status.message()), "."));
    }
  }
  config.set_self(options.node);
  config.set_first_boot(first_boot);
  if (config.clock_rate_bound_ppm() == 0) config.set_clock_rate_bound_ppm(kUsualClockRateBound);
  if (config.peers().empty()) {
    for (const auto& [node, address] : options.addresses) config.add_peers(node);
  }
  return config;
}

/// Who this node is, if it has certificates.
absl::StatusOr<std::optional<TlsIdentity>> IdentityOf(const NodeOptions& options) {
  if (options.tls.empty()) return std::nullopt;
  auto identity = ReadTlsIdentity(options.tls, absl::StrCat("node-", options.node));
  if (!identity.ok()) return identity.status();
  return *std::move(identity);
}

}  // namespace

void PrintLogLine(NodeId node, std::string_view line) {
  timespec now = {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm broken_down = {};
  ::gmtime_r(&now.tv_sec, &broken_down);
  char time[16];
  ::strftime(time, sizeof time, "%H:%M:%S", &broken_down);
  std::fprintf(stderr, "%s.%06ld node %u: %.*s\n", time, now.tv_nsec / 1000, node,
               static_cast<int>(line.size()), line.data());
}

absl::StatusOr<std::unique_ptr<NodeHost>> StartNode(const NodeOptions& options) {
  this_node = options.node;
  SetCheckFailureHandler(EndByCheck);
  const absl::StatusOr<const ModuleTable*> module = LoadModule(options.module);
  if (!module.ok()) return module.status();
  const absl::StatusOr<MakeNode> factory = FindFactory(**module, options);
  if (!factory.ok()) return factory.status();

  const auto tls = IdentityOf(options);
  if (!tls.ok()) return tls.status();

  auto folder = DataFolder::Open(options.data, {(*module)->lab, options.role, options.node});
  if (!folder.ok()) return folder.status();
  const absl::StatusOr<NodeConfig> config = MakeConfig(options, folder->first_boot());
  if (!config.ok()) return config.status();
  const auto end_by_disk = [](const absl::Status& status) {
    EndProcess(
        absl::StrCat("the disk has failed, so the node ends: ", std::string(status.message())));
  };
  auto store = OpenRocksdbStore(*std::move(folder), {.die = end_by_disk});
  if (!store.ok()) return store.status();

  std::unique_ptr<DurableStore> disk = *std::move(store);
  std::unique_ptr<Transport> transport = MakeGrpcTransport(
      {.listen = options.addresses.at(options.node), .peers = options.addresses, .tls = *tls});
  if (options.metrics_port >= 0) {
    const auto metrics = Metrics::Serve(options.metrics_port);
    if (!metrics.ok()) return metrics.status();
    disk = Metrics::Measure(*metrics, std::move(disk));
    transport = Metrics::Measure(*metrics, std::move(transport));
  }
  auto host = std::make_unique<NodeHost>(
      std::move(disk), std::move(transport),
      [node = options.node](std::string_view line) { PrintLogLine(node, line); }, end_by_disk);
  const absl::Status started = host->Start(
      [factory = *factory, config = *config](Env& env) { return factory(env, config); });
  if (!started.ok()) return started;
  return host;
}

}  // namespace quorum
