// Mastership (sections 2.1 and 2.9): who leads the log becomes the master by a command of its own.
#include "common/env/not_written.h"
#include "labs/lab4_lock_service/server.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPause = 50ms;

}  // namespace

void LockServer::OnLeadership(std::uint64_t epoch) {
  NotWritten("Propose to be the master, once the log is done with this (handout 4A, step 6).");
}

void LockServer::ProposeMastership(std::uint64_t epoch) {
  NotWritten(
      "Serve when the command is applied, and not before (section 2.9; handout 4A, step 6).");
}

void LockServer::BeginServing() {
  // Everyone gets a whole lease, since nobody knows what the last master promised; every lock-delay
  // and every patience begins anew (section 2.9; handout 4B, step 4; 4C, steps 3 and 5).
}

void LockServer::OnLeadershipLost(std::uint64_t epoch) {
  NotWritten("Serve nobody any more (handout 4A, step 6).");
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
