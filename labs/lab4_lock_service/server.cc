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
  NotWritten("Propose it when no cache stands in its way any more (handout 4A, step 6).");
}

void LockServer::Propose(const Command& command, std::vector<std::string> footprint, Done done) {
  NotWritten("Hand it to the log, and its result to whoever asked (handout 4A, step 6).");
}

void LockServer::OnProposed(std::uint64_t epoch, const Operation& operation,
                            const std::vector<std::string>& footprint,
                            const ProposeOutcome& outcome, Done done) {
  NotWritten("Answer, unless the operation waits for a lock (handout 4A, step 6; 4C, step 2).");
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
