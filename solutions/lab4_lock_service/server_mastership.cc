// Mastership (sections 2.1 and 2.9): who leads the log becomes the master by a command of its own.
#include "common/env/not_written.h"
#include "labs/lab4_lock_service/server.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPause = 50ms;

}  // namespace

void LockServer::OnLeadership(std::uint64_t epoch) {
  // [solution: Propose to be the master, once the log is done with this (handout 4A, step 6).]
  leads_in_ = epoch;
  Soon([this, epoch] { ProposeMastership(epoch); });
  // [end]
}

void LockServer::ProposeMastership(std::uint64_t epoch) {
  // [solution: Serve when the command is applied, and not before (section 2.9; handout 4A, step
  // 6).]
  if (leads_in_ != epoch) return;
  Command command;
  command.set_epoch(epoch);
  command.mutable_new_master();
  log_->Propose(command.SerializeAsString(), [this, epoch](const ProposeOutcome& outcome) {
    if (leads_in_ != epoch) return;
    if (outcome.kind == ProposeOutcome::Kind::kApplied) {
      epoch_ = epoch;
      return BeginServing();
    }
    retry_ = env_.After(kPause, [this, epoch] { ProposeMastership(epoch); });
  });
  // [end]
}

void LockServer::BeginServing() {
  // Everyone gets a whole lease, since nobody knows what the last master promised; every lock-delay
  // and every patience begins anew (section 2.9; handout 4B, step 4; 4C, steps 3 and 5).
  // [solution]
  for (const auto& [id, session] : machine_.sessions().all()) {
    leases_.Promise(id, env_.Now(), Duration(session.lease_ns));
    caches_.Add(id, /*empty=*/false);
    for (const auto& [handle, open] : session.handles) {
      const NodeRecord* node = machine_.tree().Find(open.path());
      if (node == nullptr) continue;
      for (const LockClaim& claim : node->queue()) {
        if (claim.handle() != handle) continue;
        AwaitPatience(claim, bound_.ToOutlast(Duration(claim.patience_ns())));
      }
    }
  }
  for (const auto& [id, delay] : machine_.delays()) {
    AwaitDelay(id, bound_.ToOutlast(Duration(delay.length_ns())));
  }
  ExamineLeases();
  // [end]
}

void LockServer::OnLeadershipLost(std::uint64_t epoch) {
  // [solution: Serve nobody any more (handout 4A, step 6).]
  leads_in_ = 0;
  epoch_ = 0;
  StopServing();
  // [end]
}

void LockServer::StopServing() {
  // Whoever waits has to ask another server: a responder that is dropped says so.
  retry_.Cancel();
  leases_.Clear();
  lease_end_.Cancel();
  caches_.Clear();
  held_.clear();
  waiting_.clear();
  patience_.clear();
  delay_ends_.clear();
  under_way_.clear();
  ending_.clear();
  trimming_.clear();
}

}  // namespace quorum::lock_service
