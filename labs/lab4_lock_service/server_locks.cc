// Operations that wait for a lock, and what ends by the master's clock (section 2.4).
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/server.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPause = 50ms;

}  // namespace

void LockServer::OnWaits(const LockClaim& claim) {
  // Its patience begins (handout 4C, step 3).
}

void LockServer::AwaitPatience(const LockClaim& claim, Duration patience) {
  NotWritten("Have it give up when its time is over, and not before that is applied (handout 4C, "
             "step 3).");
}

void LockServer::OnAnswered(std::uint64_t session, std::uint64_t number) {
  NotWritten("Tell whoever waits (handout 4C, step 2).");
}

void LockServer::AnswerWaiting(Operation operation) {
  NotWritten("Answer every request of this operation as the state says (handout 4C, step 2).");
}

void LockServer::OnDelayBegun(const LockDelay& delay) {
  NotWritten("The master waits it out (handout 4C, step 5).");
}

void LockServer::AwaitDelay(std::uint64_t delay, Duration length) {
  NotWritten("Propose its end when it is over by this clock; the replicas' do not count (handout "
             "4C, step 5).");
}

}  // namespace quorum::lock_service
