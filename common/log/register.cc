#include "common/log/register.h"

#include <utility>

namespace quorum::log {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kUsualSnapshotEvery = 100;

/// One value, and what has been applied to it.
class RegisterMachine final : public StateMachine {
 public:
  RegisterMachine(NodeId self, RegisterObserver* observer) : self_(self), observer_(observer) {}

  std::string Apply(LogIndex index, std::string_view command) override {
    RegisterCommand parsed;
    Check(parsed.ParseFromArray(command.data(), static_cast<int>(command.size())),
          "A log applies commands that were proposed.");
    if (parsed.has_append()) value_ += parsed.append();
    if (parsed.has_put()) value_ = parsed.put();
    applied_ = index;
    ++applied_since_snapshot_;
    if (observer_ != nullptr) observer_->OnApply(self_, index, command, value_);
    return std::to_string(value_.size());
  }

  std::string Snapshot() const override { return value_; }

  absl::Status Restore(LogIndex index, std::string_view snapshot) override {
    value_ = snapshot;
    applied_ = index;
    applied_since_snapshot_ = 0;
    if (observer_ != nullptr) observer_->OnRestore(self_, index, value_);
    return absl::OkStatus();
  }

  void OnLeadership(std::uint64_t epoch) override {
    epoch_ = epoch;
    if (observer_ != nullptr) observer_->OnLeadership(self_, epoch);
  }
  void OnLeadershipLost(std::uint64_t epoch) override { epoch_ = 0; }

  const std::string& value() const { return value_; }
  LogIndex applied() const { return applied_; }
  std::uint64_t epoch() const { return epoch_; }
  std::uint64_t applied_since_snapshot() const { return applied_since_snapshot_; }
  void SnapshotTaken() { applied_since_snapshot_ = 0; }

 private:
  NodeId self_;
  RegisterObserver* observer_;
  std::string value_;
  LogIndex applied_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t applied_since_snapshot_ = 0;
};

class RegisterNode final : public Node {
 public:
  RegisterNode(Env& env, const NodeConfig& config, ReplicatedLogFactory make_log,
               RegisterObserver* observer)
      : env_(env), machine_(config.self(), observer), log_(make_log(env, config, machine_)) {
    RegisterConfig own;
    config.lab().UnpackTo(&own);
    snapshot_every_ = own.snapshot_every() > 0 ? own.snapshot_every() : kUsualSnapshotEvery;
    env_.Serve(kAppend, [this](const AppendRequest& request, auto responder) {
      RegisterCommand command;
      command.set_append(request.value());
      Execute(command, std::move(responder));
    });
    env_.Serve(kPut, [this](const PutRequest& request, auto responder) {
      RegisterCommand command;
      command.set_put(request.value());
      Execute(command, std::move(responder));
    });
    env_.Serve(kRead, [this](const ReadRequest&, auto responder) { Read(std::move(responder)); });
    env_.Serve(kInspect, [this](const InspectRequest&, auto responder) {
      InspectResponse response;
      response.set_applied(machine_.applied());
      response.set_leader(log_->leader());
      response.set_epoch(machine_.epoch());
      responder.Reply(response);
    });
    LookAfterSnapshots();
  }

 private:
  void Execute(const RegisterCommand& command, Responder<WriteResponse> responder) {
    log_->Propose(command.SerializeAsString(),
                  [responder = std::move(responder)](const ProposeOutcome& outcome) mutable {
                    WriteResponse response;
                    switch (outcome.kind) {
                      case ProposeOutcome::Kind::kApplied:
                        response.set_outcome(WriteResponse::EXECUTED);
                        response.set_index(outcome.index);
                        break;
                      case ProposeOutcome::Kind::kNotLeader:
                        response.set_outcome(WriteResponse::NOT_LEADER);
                        response.set_leader_hint(outcome.leader_hint);
                        break;
                      case ProposeOutcome::Kind::kUnknown:
                        response.set_outcome(WriteResponse::UNKNOWN);
                    }
                    responder.Reply(response);
                  });
  }

  void Read(Responder<ReadResponse> responder) {
    log_->ReadBarrier([this, responder = std::move(responder)](const absl::Status& status) mutable {
      ReadResponse response;
      response.set_confirmed(status.ok());
      if (status.ok()) response.set_value(machine_.value());
      response.set_leader_hint(log_->leader());
      responder.Reply(response);
    });
  }

  /// Not from within Apply: the log is in the middle of something then.
  void LookAfterSnapshots() {
    if (machine_.applied_since_snapshot() >= snapshot_every_) {
      machine_.SnapshotTaken();
      log_->DiscardUpTo(machine_.applied(), machine_.Snapshot());
    }
    look_ = env_.After(20ms, [this] { LookAfterSnapshots(); });
  }

  Env& env_;
  RegisterMachine machine_;
  std::uint32_t snapshot_every_ = kUsualSnapshotEvery;
  std::unique_ptr<ReplicatedLog> log_;
  Timer look_;
};

}  // namespace

std::unique_ptr<Node> MakeRegister(Env& env, const NodeConfig& config,
                                   ReplicatedLogFactory make_log, RegisterObserver* observer) {
  return std::make_unique<RegisterNode>(env, config, make_log, observer);
}

}  // namespace quorum::log
