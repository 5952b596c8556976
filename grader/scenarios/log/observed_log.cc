#include "grader/scenarios/log/observed_log.h"

#include <utility>

namespace quorum::grader {
namespace {

struct ServiceHosting {
  LogHostFactory server = nullptr;
  ReplicatedLogFactory make_log = nullptr;
  Taps taps = {};
};
ServiceHosting& TheServiceHosting() {
  static ServiceHosting hosting;
  return hosting;
}

/// Stands between a log and the state machine that it drives.
class ObservedMachine final : public StateMachine {
 public:
  ObservedMachine(NodeId node, StateMachine& machine) : node_(node), machine_(machine) {}

  std::string Apply(LogIndex index, std::string_view command) override {
    if (Tap* before = TheServiceHosting().taps.before) before->OnApply(node_, index, command, "");
    std::string result = machine_.Apply(index, command);
    TheServiceHosting().taps.after->OnApply(node_, index, command, machine_.Snapshot());
    return result;
  }
  std::string Snapshot() const override { return machine_.Snapshot(); }
  absl::Status Restore(LogIndex index, std::string_view snapshot) override {
    if (Tap* before = TheServiceHosting().taps.before) before->OnRestore(node_, index, "");
    absl::Status restored = machine_.Restore(index, snapshot);
    TheServiceHosting().taps.after->OnRestore(node_, index, machine_.Snapshot());
    return restored;
  }
  void OnLeadership(std::uint64_t epoch) override {
    machine_.OnLeadership(epoch);
    TheServiceHosting().taps.after->OnLeadership(node_, epoch);
  }
  void OnLeadershipLost(std::uint64_t epoch) override { machine_.OnLeadershipLost(epoch); }

 private:
  NodeId node_;
  StateMachine& machine_;
};

class ObservedLog final : public ReplicatedLog {
 public:
  ObservedLog(Env& env, const NodeConfig& config, StateMachine& machine)
      : machine_(config.self(), machine),
        log_(TheServiceHosting().make_log(env, config, machine_)) {}

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
  ObservedMachine machine_;
  std::unique_ptr<ReplicatedLog> log_;
};

std::unique_ptr<ReplicatedLog> MakeObservedLog(Env& env, const NodeConfig& config,
                                               StateMachine& machine) {
  return std::make_unique<ObservedLog>(env, config, machine);
}

std::unique_ptr<Node> MakeHostedServer(Env& env, const NodeConfig& config) {
  return TheServiceHosting().server(env, config, MakeObservedLog);
}

}  // namespace

NodeFactory HostServers(LogHostFactory server, ReplicatedLogFactory make_log, const Taps& taps) {
  TheServiceHosting() = {server, make_log, taps};
  return MakeHostedServer;
}

}  // namespace quorum::grader
