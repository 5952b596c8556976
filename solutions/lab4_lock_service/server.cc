// A server, and how what clients ask becomes a command.
#include "labs/lab4_lock_service/server.h"

#include "common/env/check.h"
#include "common/env/not_written.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kUsualLease = 12'000'000'000;
constexpr std::uint32_t kUsualSnapshotEvery = 1000;
constexpr Duration kLook = 20ms;
// An operation that waits for a lock may be asked for again and again: so many are answered.
constexpr std::size_t kMostRequests = 4;

LockServerConfig ConfigOf(const NodeConfig& config) {
  LockServerConfig own;
  config.lab().UnpackTo(&own);
  if (own.cell().empty()) own.set_cell("local");
  if (own.lease_ns() == 0) own.set_lease_ns(kUsualLease);
  if (own.snapshot_every() == 0) own.set_snapshot_every(kUsualSnapshotEvery);
  return own;
}

// [solution]
/// The operation that a command is; null: it is none of a session's numbered ones.
const Call* CallOf(const Command& command) {
  switch (command.kind_case()) {
    case Command::kOpen:
      return &command.open().call();
    case Command::kClose:
      return &command.close().call();
    case Command::kSetContents:
      return &command.set_contents().call();
    case Command::kDeleteNode:
      return &command.delete_node().call();
    case Command::kAcquire:
      return &command.acquire().call();
    case Command::kTryAcquire:
      return &command.try_acquire().call();
    case Command::kRelease:
      return &command.release().call();
    case Command::kSetAcl:
      return &command.set_acl().call();
    default:
      return nullptr;
  }
}

Result NotMaster() { return ResultOf(absl::UnavailableError("This server is not the master.")); }
// [end]

}  // namespace

LockServer::LockServer(Env& env, const NodeConfig& config, ReplicatedLogFactory make_log)
    : env_(env),
      config_(config),
      own_(ConfigOf(config)),
      bound_(config.clock_rate_bound_ppm()),
      machine_(own_.cell(), *this),
      leases_(bound_),
      caches_([this](std::uint64_t session) { Soon([this, session] { Release(session); }); }),
      barriers_(env) {
  ServeAll();
  log_ = make_log(env, config, machine_);
  barriers_.Use(*log_);
  LookAfterSnapshots();
}

void LockServer::Change(Command command, Done done) {
  // [solution: Propose it when no cache stands in its way any more (handout 4A, step 6).]
  if (!serving()) return done(NotMaster());
  const Call* call = CallOf(command);
  const std::uint64_t session = call != nullptr ? call->session() : 0;
  if (call != nullptr) {
    const Session* known = machine_.sessions().Find(session);
    if (known != nullptr && known->client != command.client()) {
      return done(ResultOf(absl::PermissionDeniedError("The session is another client's.")));
    }
    if (ending_.contains(session)) return done(NotMaster());  // by when it is asked again, it is
  }
  command.set_epoch(epoch_);
  std::vector<std::string> footprint = FootprintOf(command);
  if (session != 0) ++under_way_[session];
  caches_.Quiesce(
      footprint, session,
      [this, command = std::move(command), footprint, done = std::move(done)]() mutable {
        Propose(command, std::move(footprint), std::move(done));
      });
  // [end]
}

void LockServer::Propose(const Command& command, std::vector<std::string> footprint, Done done) {
  // [solution: Hand it to the log, and its result to whoever asked (handout 4A, step 6).]
  // It may have waited for caches longer than the mastership has lasted.
  if (command.epoch() != epoch_) return done(NotMaster());
  const Call* call = CallOf(command);
  const Operation operation =
      call != nullptr ? Operation{call->session(), call->number()} : Operation{};
  log_->Propose(command.SerializeAsString(),
                [this, epoch = epoch_, operation, footprint = std::move(footprint),
                 done = std::move(done)](const ProposeOutcome& outcome) mutable {
                  OnProposed(epoch, operation, footprint, outcome, std::move(done));
                });
  // [end]
}

void LockServer::OnProposed(std::uint64_t epoch, const Operation& operation,
                            const std::vector<std::string>& footprint,
                            const ProposeOutcome& outcome, Done done) {
  // [solution: Answer, unless the operation waits for a lock (handout 4A, step 6; 4C, step 2).]
  if (epoch == epoch_) {
    caches_.Settle(footprint);
    const auto under_way = under_way_.find(operation.first);
    if (under_way != under_way_.end() && --under_way->second == 0) {
      under_way_.erase(under_way);
      Soon([this, session = operation.first] { EndIfQuiet(session); });
    }
  }
  if (outcome.kind != ProposeOutcome::Kind::kApplied) return done(NotMaster());
  Result result;
  Check(result.ParseFromString(outcome.result), "A log returns what `Apply` has returned.");
  if (result.superseded()) return done(NotMaster());
  if (!result.waits()) return done(result);
  if (epoch != epoch_) return done(NotMaster());  // whoever is the master now answers
  std::vector<Done>& waiting = waiting_[operation];
  if (waiting.size() >= kMostRequests) waiting.erase(waiting.begin());  // given up long ago
  waiting.push_back(std::move(done));
  // Its turn may have come before this line.
  Soon([this, operation] {
    const Session* session = machine_.sessions().Find(operation.first);
    const bool waits = session != nullptr && session->executed.contains(operation.second) &&
                       session->executed.at(operation.second).waits();
    if (!waits) AnswerWaiting(operation);
  });
  // [end]
}

void LockServer::LookAfterSnapshots() {
  // Not from within `Apply`: the log is in the middle of something then.
  if (machine_.applied_since_snapshot() >= own_.snapshot_every()) {
    machine_.SnapshotTaken();
    log_->DiscardUpTo(machine_.applied(), machine_.Snapshot());
  }
  look_ = env_.After(kLook, [this] { LookAfterSnapshots(); });
}

void LockServer::Soon(absl::AnyInvocable<void()> what) {
  soon_.push_back(std::move(what));
  if (soon_.size() > 1) return;
  run_soon_ = env_.After(0ms, [this] {
    auto now = std::exchange(soon_, {});
    for (auto& one : now) one();
  });
}

std::unique_ptr<Node> MakeLockServer(Env& env, const NodeConfig& config,
                                     ReplicatedLogFactory make_log) {
  return std::make_unique<LockServer>(env, config, make_log);
}

}  // namespace quorum::lock_service
