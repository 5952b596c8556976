#include "grader/scenarios/lock_service/lock_room.h"

#include <fmt/format.h>

#include "common/log/log_host.h"
#include "grader/scenarios/lock_service/lock_rules.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

constexpr sim::SimTime kPatience = 60 * kSecond;

/// What the node factory, a plain function, makes nodes of.
struct Hosting {
  LogHostFactory make_server = nullptr;
  ReplicatedLogFactory make_log = nullptr;
  log::RegisterObserver* observer = nullptr;
};
Hosting& TheHosting() {
  static Hosting hosting;
  return hosting;
}

/// Stands between a log and a server's state machine, and tells what passes.
class Tapped final : public StateMachine {
 public:
  Tapped(NodeId self, StateMachine& machine) : self_(self), machine_(machine) {}

  std::string Apply(LogIndex index, std::string_view command) override {
    std::string result = machine_.Apply(index, command);
    TheHosting().observer->OnApply(self_, index, command, machine_.Snapshot());
    return result;
  }
  std::string Snapshot() const override { return machine_.Snapshot(); }
  absl::Status Restore(LogIndex index, std::string_view snapshot) override {
    absl::Status restored = machine_.Restore(index, snapshot);
    TheHosting().observer->OnRestore(self_, index, machine_.Snapshot());
    return restored;
  }
  void OnLeadership(std::uint64_t epoch) override {
    TheHosting().observer->OnLeadership(self_, epoch);
    machine_.OnLeadership(epoch);
  }
  void OnLeadershipLost(std::uint64_t epoch) override { machine_.OnLeadershipLost(epoch); }

 private:
  NodeId self_;
  StateMachine& machine_;
};

/// The log of an earlier lab, with a tap between it and the server.
class TappedLog final : public ReplicatedLog {
 public:
  TappedLog(Env& env, const NodeConfig& config, StateMachine& machine)
      : tapped_(config.self(), machine), log_(TheHosting().make_log(env, config, tapped_)) {}

  void Propose(std::string_view command,
               absl::AnyInvocable<void(const ProposeOutcome&)> done) override {
    log_->Propose(command, std::move(done));
  }
  void ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) override {
    log_->ReadBarrier(std::move(done));
  }
  void DiscardUpTo(LogIndex index, std::string snapshot) override {
    log_->DiscardUpTo(index, std::move(snapshot));
  }
  NodeId leader() const override { return log_->leader(); }

 private:
  Tapped tapped_;
  std::unique_ptr<ReplicatedLog> log_;
};

std::unique_ptr<ReplicatedLog> MakeTappedLog(Env& env, const NodeConfig& config,
                                             StateMachine& machine) {
  return std::make_unique<TappedLog>(env, config, machine);
}
std::unique_ptr<Node> MakeTappedServer(Env& env, const NodeConfig& config) {
  return TheHosting().make_server(env, config, MakeTappedLog);
}

}  // namespace

const Statement kProgress = {
    "lock.progress",
    "While a majority of servers runs and can talk, whoever asks the cell is answered.",
    "Chubby, section 2.8; lab 4"};

LockRoom::LockRoom(Stage& stage, const Options& options)
    : stage_(stage), options_(options), tap_(stage.world()), cell_(stage.world()) {
  WatchRules(stage, tap_, cell_);
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
  TheHosting() = {
      stage_.part<LogHostFactory>(lock::kServerRole, kLogHostFactoryType),
      options_.over_paxos
          ? stage_.part<ReplicatedLogFactory>("paxos.log", kReplicatedLogFactoryType, "paxos")
          : stage_.part<ReplicatedLogFactory>("raft.log", kReplicatedLogFactoryType, "raft"),
      &tap_};
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
    world().AddMachine("node-" + std::to_string(server), &MakeTappedServer, config);
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
    stage_.AddNode(lock::kClientRole, config, "client-" + std::to_string(client));
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
