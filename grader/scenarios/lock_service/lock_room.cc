#include "grader/scenarios/lock_service/lock_room.h"

#include <fmt/format.h>

#include "common/log/log_host.h"
#include "grader/scenarios/lock_service/lock_rules.h"
#include "grader/scenarios/log/observed_log.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

}  // namespace

const Statement kProgress = {
    "lock.progress",
    "While a majority of servers runs and can talk, whoever asks the cell is answered.",
    "Chubby, section 2.8; lab 4"};

LockRoom::LockRoom(Stage& stage, const Options& options)
    : stage_(stage), options_(options), tap_(stage.world()), cell_(stage.world()) {
  WatchRules(stage, tap_, cell_, options.guarantee);
  world().Watch(tap_);
  BootServers();
  BootClients();
  stage_.Step(fmt::format("A cell of {} servers boots, and {} client{}.", options_.servers,
                          options_.clients, options_.clients == 1 ? "" : "s"));
}

LockRoom::~LockRoom() = default;

std::vector<NodeId> LockRoom::servers() const {
  std::vector<NodeId> servers;
  for (int node = 1; node <= options_.servers; ++node) servers.push_back(static_cast<NodeId>(node));
  return servers;
}

std::vector<NodeId> LockRoom::clients() const {
  std::vector<NodeId> clients;
  for (int number = 0; number < options_.clients; ++number) clients.push_back(Client(number));
  return clients;
}

void LockRoom::BootServers() {
  const NodeFactory host = HostServers(
      options_.reference_servers
          ? stage_.reference_part<LogHostFactory>(lock::kServerRole, kLogHostFactoryType)
          : stage_.part<LogHostFactory>(lock::kServerRole, kLogHostFactoryType),
      options_.over_paxos
          ? stage_.part<ReplicatedLogFactory>("paxos.log", kReplicatedLogFactoryType, "paxos")
          : stage_.part<ReplicatedLogFactory>("raft.log", kReplicatedLogFactoryType, "raft"),
      {.after = &tap_});
  lock::LockServerConfig own;
  own.set_lease_ns(options_.lease);
  own.set_snapshot_every(options_.snapshot_every);
  NodeConfig config;
  config.mutable_lab()->PackFrom(own);
  config.set_clock_rate_bound_ppm(options_.clock_rate_bound_ppm);
  config.set_first_boot(true);
  for (const NodeId server : servers()) config.add_peers(server);
  for (const NodeId server : servers()) {
    config.set_self(server);
    world().AddMachine("node-" + std::to_string(server), host, config);
    world().Boot(server);
  }
}

void LockRoom::BootClients() {
  lock::LockClientConfig own;
  own.set_grace_ns(options_.grace);
  for (const NodeId server : servers()) own.add_servers(server);
  NodeConfig config;
  config.mutable_lab()->PackFrom(own);
  config.set_clock_rate_bound_ppm(options_.clock_rate_bound_ppm);
  for (const NodeId client : clients()) {
    config.set_self(client);
    const std::string name = "client-" + std::to_string(client);
    options_.reference_clients ? stage_.AddReferenceNode(lock::kClientRole, config, name)
                               : stage_.AddNode(lock::kClientRole, config, name);
  }
}

NodeId LockRoom::AwaitLeader() {
  const bool led = world().RunUntil([this] { return leader() != 0; }, kPatience);
  stage_.Require(kProgress, led, "No server has come to lead for 60 simulated seconds.");
  return leader();
}

void LockRoom::CutOff(NodeId node, bool cut) {
  for (const auto& [other, machine] : world().machines()) {
    if (other == node) continue;
    cut ? world().network().Cut(node, other) : world().network().Mend(node, other);
    cut ? world().network().Cut(other, node) : world().network().Mend(other, node);
  }
}

void LockRoom::CutWay(const std::vector<NodeId>& from, const std::vector<NodeId>& to, bool cut) {
  for (const NodeId one : from) {
    for (const NodeId other : to) {
      if (one == other) continue;
      cut ? world().network().Cut(one, other) : world().network().Mend(one, other);
    }
  }
}

void LockRoom::AwaitAnswer(NodeId client, const char* method,
                           const std::function<bool()>& answered) {
  stage_.Require(kProgress, world().RunUntil(answered, kPatience),
                 fmt::format("Node {} was asked for {} and has not answered for 60 simulated "
                             "seconds.",
                             client, method));
}

void LockRoom::DemandOk(NodeId client, const char* method, const absl::Status& status) {
  stage_.Require(
      kProgress, status.ok(),
      fmt::format("Node {} was asked for {} and answers: {}", client, method, status.ToString()));
}

std::uint64_t LockRoom::OpenFile(NodeId client, const std::string& path, bool ephemeral,
                                 std::vector<lock::EventKind> events) {
  lock::OpenRequest request;
  request.set_path(path);
  request.set_write(true);
  request.set_create(lock::OpenRequest::IF_ABSENT);
  request.set_ephemeral(ephemeral);
  for (const lock::EventKind kind : events) request.add_events(kind);
  return Demand(client, user::kOpen, request).handle();
}

std::string LockRoom::Contents(NodeId client, std::uint64_t handle) {
  lock::GetContentsAndStatRequest request;
  request.set_handle(handle);
  return Demand(client, user::kGetContentsAndStat, request).contents();
}

void LockRoom::SetContents(NodeId client, std::uint64_t handle, const std::string& contents) {
  lock::SetContentsRequest request;
  request.set_handle(handle);
  request.set_contents(contents);
  Demand(client, user::kSetContents, request);
}

bool LockRoom::TryLock(NodeId client, std::uint64_t handle, sim::SimTime lock_delay) {
  lock::TryAcquireRequest request;
  request.set_handle(handle);
  request.set_mode(lock::EXCLUSIVE);
  request.set_lock_delay_ns(lock_delay);
  return Demand(client, user::kTryAcquire, request).acquired();
}

lock::SessionState LockRoom::SessionOf(NodeId client) {
  return Demand(client, user::kGetSession, {}).state();
}

bool LockRoom::HoldsLock(NodeId client, std::uint64_t handle) {
  lock::HoldsLockRequest request;
  request.set_handle(handle);
  return Demand(client, user::kHoldsLock, request).held();
}

}  // namespace quorum::grader::locks
