#include "grader/scenarios/log/register_room.h"

#include <fmt/format.h>

#include <algorithm>

#include "grader/check/linearizability/explain.h"
#include "grader/check/linearizability/linearizability.h"
#include "grader/scenarios/log/register_client.h"

namespace quorum::grader {
namespace {

/// What the node factory, a plain function, makes nodes of.
struct Hosting {
  ReplicatedLogFactory make_log = nullptr;
  ReplicatedLogFactory make_reference = nullptr;
  std::set<NodeId> reference = {};  // who gets that one
  log::RegisterObserver* observer = nullptr;
};
Hosting& TheHosting() {
  static Hosting hosting;
  return hosting;
}
std::unique_ptr<Node> MakeObservedRegister(Env& env, const NodeConfig& config) {
  const Hosting& hosting = TheHosting();
  const bool reference = hosting.reference.contains(config.self());
  return log::MakeRegister(env, config, reference ? hosting.make_reference : hosting.make_log,
                           hosting.observer);
}

}  // namespace

RegisterRoom::RegisterRoom(Stage& stage, const Options& options, const DecidedLog& decided,
                           const LogStatements& statements)
    : stage_(stage),
      options_(options),
      decided_(decided),
      statements_(statements),
      tap_(stage.world()) {}

RegisterRoom::~RegisterRoom() = default;

void RegisterRoom::BootNodes(const char* part, const char* type,
                             const std::function<void(const NodeConfig&)>& make_puppet) {
  WatchLogRules(stage_, tap_, decided_, statements_);
  world().Watch(tap_);
  TheHosting() = {.make_log = stage_.part<ReplicatedLogFactory>(part, type), .observer = &tap_};
  if (!options_.reference.empty()) HostReference(part, type);
  NodeConfig config;
  log::RegisterConfig own;
  own.set_snapshot_every(options_.snapshot_every);
  config.mutable_lab()->PackFrom(own);
  config.set_clock_rate_bound_ppm(options_.clock_rate_bound_ppm);
  for (const std::string& feature : options_.features) config.add_features(feature);
  for (int node = 1; node <= options_.nodes; ++node) config.add_peers(static_cast<NodeId>(node));
  for (int number = 1; number <= nodes_and_joiners(); ++number) {
    const auto node = static_cast<NodeId>(number);
    config.set_self(node);
    if (options_.puppets.contains(node)) {
      make_puppet(config);
      continue;
    }
    world().AddMachine("node-" + std::to_string(node), &MakeObservedRegister, config);
    world().Boot(node);
    if (options_.slow.contains(node)) SlowDown(node);
  }
  stage_.Step(options_.puppets.empty()
                  ? fmt::format("Nodes 1 to {} boot.", nodes_and_joiners())
                  : fmt::format("Nodes 1 to {} boot; the test itself plays {}.",
                                nodes_and_joiners(), fmt::join(options_.puppets, " and ")));
}

void RegisterRoom::HostReference(const char* part, const char* type) {
  TheHosting().make_reference = stage_.reference_part<ReplicatedLogFactory>(part, type);
  TheHosting().reference = options_.reference;
  Sides sides{.reference = options_.reference};
  for (int node = 1; node <= options_.nodes; ++node) {
    const auto id = static_cast<NodeId>(node);
    if (!options_.reference.contains(id)) sides.tested.insert(id);
  }
  stage_.SetSides(std::move(sides));
  stage_.Step(fmt::format("Of nodes 1 to {}, {} {} the reference.", options_.nodes,
                          fmt::join(options_.reference, " and "),
                          options_.reference.size() == 1 ? "runs" : "run"));
}

void RegisterRoom::Split(const std::set<NodeId>& side, bool cut) {
  for (const auto& [one, machine] : world().machines()) {
    for (const auto& [other, other_machine] : world().machines()) {
      if (side.contains(one) == side.contains(other)) continue;
      cut ? world().network().Cut(one, other) : world().network().Mend(one, other);
    }
  }
}

NodeId RegisterRoom::AwaitLeader() {
  const bool led = world().RunUntil([this] { return tap_.leader() != 0; }, 20 * kSecond);
  stage_.Require(statements_.progress, led, "Nobody leads after 20 simulated seconds.");
  return tap_.leader();
}

void RegisterRoom::Append(NodeId node, const std::string& value,
                          std::function<void(const absl::StatusOr<log::WriteResponse>&)> done) {
  log::AppendRequest request;
  request.set_value(value);
  world().Invoke<log::AppendRequest, log::WriteResponse>(node, log::kAppend, request,
                                                         std::move(done));
}

void RegisterRoom::Put(NodeId node, const std::string& value,
                       std::function<void(const absl::StatusOr<log::WriteResponse>&)> done) {
  log::PutRequest request;
  request.set_value(value);
  world().Invoke<log::PutRequest, log::WriteResponse>(node, log::kPut, request, std::move(done));
}

void RegisterRoom::ReadAt(NodeId node) {
  check::Operation operation;
  operation.client = -2;
  operation.call = world().now();
  world().Invoke<log::ReadRequest, log::ReadResponse>(
      node, log::kRead, {}, [this, operation](const absl::StatusOr<log::ReadResponse>& response) {
        if (!response.ok() || !response->confirmed()) return;
        check::Operation read = operation;
        read.result = response->value();
        read.ret = world().now();
        history_.push_back(std::move(read));
      });
}

void RegisterRoom::AppendAt(NodeId node, const std::string& value,
                            std::function<void(bool executed)> done) {
  check::Operation operation;  // until it is known to be executed, its outcome is not known
  operation.client = -4;
  operation.op = check::OpKind::kAppend;
  operation.value = value;
  operation.call = world().now();
  history_.push_back(operation);
  const std::size_t number = history_.size() - 1;
  Append(node, value, [=, this](const absl::StatusOr<log::WriteResponse>& response) {
    const bool executed = response.ok() && response->outcome() == log::WriteResponse::EXECUTED;
    if (executed) history_[number].ret = world().now();
    if (done) done(executed);
  });
}

void RegisterRoom::AppendInTurn(int commands, std::size_t length) {
  for (int command = 0; command < commands; ++command) {
    std::string value = fmt::format("{}:", command);
    value.resize(std::max(value.size(), length), '.');
    bool answered = false;
    AppendAt(AwaitLeader(), value, [&answered](bool) { answered = true; });
    world().RunUntil([&answered] { return answered; }, 20 * kSecond);
  }
}

void RegisterRoom::NoteAppended(const std::string& value) {
  check::Operation operation;
  operation.client = -3;
  operation.op = check::OpKind::kAppend;
  operation.value = value;
  operation.call = world().now();
  operation.ret = world().now();
  history_.push_back(std::move(operation));
}

log::WriteResponse RegisterRoom::PutAtLeader(const std::string& value) {
  log::WriteResponse answer;
  const sim::SimTime give_up = world().now() + 20 * kSecond;
  while (answer.outcome() != log::WriteResponse::EXECUTED) {
    stage_.Require(statements_.progress, world().now() < give_up,
                   "For 20 simulated seconds no command could be executed.");
    const NodeId leader = AwaitLeader();
    bool answered = false;
    check::Operation operation;  // an outcome that is not known is not a return
    operation.client = -1;
    operation.op = check::OpKind::kPut;
    operation.value = value;
    operation.call = world().now();
    Put(leader, value, [&](const absl::StatusOr<log::WriteResponse>& response) {
      answered = true;
      if (response.ok()) answer = *response;
    });
    const bool in_time = world().RunUntil([&] { return answered; }, 20 * kSecond);
    stage_.Require(
        statements_.progress, in_time,
        fmt::format("Node {} does not answer a client for 20 simulated seconds.", leader));
    if (answer.outcome() == log::WriteResponse::EXECUTED) operation.ret = world().now();
    history_.push_back(operation);
    if (!operation.ret) world().RunFor(20 * kMillisecond);
  }
  return answer;
}

void RegisterRoom::StartClients(int clients, int operations, sim::SimTime longest_pause) {
  const auto& ops = stage_.Ops([&](sim::Rng& random, auto* drawn) {
    for (int number = 0; number < clients * operations; ++number) {
      faults::ClientOp& op = *drawn->Add();
      op.set_client(static_cast<std::uint32_t>(number % clients));
      op.set_think_ns(random.Between(0, longest_pause));
      const std::uint64_t kind = random.Below(10);
      op.set_op(kind < 4 ? "read" : kind < 5 ? "put" : "append");
      op.set_value(fmt::format("{}.{} ", number % clients, number / clients));
    }
  });
  for (int number = 0; number < clients; ++number) {
    clients_.push_back(
        std::make_unique<Client>(*this, number, static_cast<NodeId>(number % options_.nodes) + 1));
  }
  for (const faults::ClientOp& op : ops) clients_[op.client()]->Add(op);
  for (const auto& client : clients_) client->DoNext();
  stage_.Step(
      fmt::format("{} clients append, put and read, {} operations in all.", clients, ops.size()));
}

void RegisterRoom::LetThingsGoWrongFor(sim::SimTime duration,
                                       std::optional<faults::Profile> profile) {
  faults::Scope scope;
  for (int node = 1; node <= nodes_and_joiners(); ++node) {
    scope.nodes.push_back(static_cast<NodeId>(node));
  }
  scope.duration = duration;
  scope.clock_rate_bound_ppm = options_.clock_rate_bound_ppm;
  scope.clocks_out_of_bound = options_.clocks_out_of_bound;
  // Where servers join and leave, a few may be all that vote.
  if (options_.joiners == 0) scope.may_lose_disk = (options_.nodes - 1) / 2;
  stage_.StartFaults(scope, profile);
  stage_.Step(fmt::format("Faults begin, of the profile \"{}\".", stage_.plan().profile()));
  world().RunFor(duration);
}

bool RegisterRoom::AllApplied() {
  for (const auto& [id, machine] : world().machines()) {
    if (options_.puppets.contains(id) || machine->disk.corrupt || !CatchesUp(id)) continue;
    // What comes after the last command, if anything, are no-ops.
    LogIndex last = decided_.decided_up_to();
    while (last > 0 && *decided_.Decided(last) == kNoOp) --last;
    if (tap_.applied(id) < last) return false;
  }
  return true;
}

void RegisterRoom::DemandThatAllApply() {
  if (world().RunUntil([this] { return AllApplied(); }, 20 * kSecond)) return;
  std::string detail = fmt::format(
      "20 simulated seconds later everything up to index {} is decided, and the nodes have "
      "applied:",
      decided_.decided_up_to());
  for (const auto& [id, machine] : world().machines()) {
    detail += fmt::format(" node {} up to {};", id, tap_.applied(id));
  }
  detail.back() = '.';
  stage_.Require(statements_.progress, false, detail);
}

void RegisterRoom::HealAndDemandProgress() {
  stage_.Heal();
  stage_.Step("The faults stop: every process runs, every link works.");
  const auto all_done = [this] {
    return std::all_of(clients_.begin(), clients_.end(),
                       [](const auto& client) { return client->done(); });
  };
  const bool done = world().RunUntil(all_done, 60 * kSecond);
  stage_.Require(
      statements_.progress, done,
      "60 simulated seconds later a client still waits for an answer, or for somebody who "
      "leads.");
  PutAtLeader("the end");
  DemandThatAllApply();
  JudgeHistory();
}

void RegisterRoom::JudgeHistory() {
  check::History history = history_;
  const check::CheckResult result = check::CheckHistory(history, check::Model::kKv);
  if (result.verdict == check::Verdict::kUnknown) {
    throw Inconclusive{"The clients' history could not be judged within its budget."};
  }
  stage_.Require(statements_.linearizable, result.verdict == check::Verdict::kLinearizable,
                 check::Explain(result, /*simulated=*/true));
}

}  // namespace quorum::grader
