#include <fmt/format.h>

#include <cstdio>

#include "grader/cli/certificates.h"
#include "grader/cli/cluster_file.h"
#include "grader/cli/lock/lock_options.h"

namespace quorum::cli {
namespace {

absl::StatusOr<Cell> FindCell(const LockOptions& options) {
  Cell cell = {.grace = SecondsOf(options.grace)};
  std::string tls = options.tls;
  if (options.servers.empty()) {
    const auto cluster = ReadClusterFile(options.cluster_file);
    if (!cluster.ok()) return absl::InvalidArgumentError(cluster.status().message());
    if (cluster->lab != "lock_service") {
      return absl::InvalidArgumentError(
          fmt::format("The cluster that was started last is of lab {}: start a cell with `quorum "
                      "cluster lock_service`, or say --servers.",
                      cluster->lab));
    }
    for (const ClusterNode& node : cluster->nodes) {
      if (node.role == lock_service::kServerRole) cell.servers[node.id] = node.address;
    }
    if (tls.empty()) tls = cluster->tls;
  }
  for (const std::string& server : options.servers) {
    if (server.find(':') == std::string::npos) {
      return absl::InvalidArgumentError(fmt::format("\"{}\" is not HOST:PORT.", server));
    }
    cell.servers[static_cast<NodeId>(cell.servers.size() + 1)] = server;
  }
  if (cell.servers.empty()) return absl::InvalidArgumentError("The cluster has no lock server.");
  if (tls.empty()) return cell;
  auto identity = ReadTlsIdentity(tls, options.name.empty() ? kUsualClient : options.name);
  if (!identity.ok()) return absl::InvalidArgumentError(identity.status().message());
  cell.tls = *std::move(identity);
  return cell;
}

}  // namespace

Duration SecondsOf(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

absl::StatusOr<std::unique_ptr<LockSession>> Connect(const LockOptions& options) {
  const auto cell = FindCell(options);
  if (!cell.ok()) return cell.status();
  const auto module = options.modules(options.impl, "lock_service");
  if (!module.ok()) return absl::InvalidArgumentError(module.status().message());
  auto user = LockUser::Start(**module, *cell);
  if (!user.ok()) return user.status();
  return std::make_unique<LockSession>(*std::move(user), SecondsOf(options.timeout));
}

int ComplainOfLock(const absl::Status& status) {
  fmt::print(stderr, "quorum lock: {}\n", std::string(status.message()));
  return absl::IsInvalidArgument(status) ? kLockBadUsage : kLockError;
}

}  // namespace quorum::cli
