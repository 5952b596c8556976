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
  // [solution]
  if (serving()) AwaitPatience(claim, bound_.ToOutlast(Duration(claim.patience_ns())));
  // [end]
}

void LockServer::AwaitPatience(const LockClaim& claim, Duration patience) {
  // [solution: Have it give up when its time is over, and not before that is applied (handout 4C,
  // step 3).]
  if (claim.patience_ns() == 0) return;
  const Operation operation{claim.session(), claim.number()};
  patience_[operation] = env_.After(patience, [this, claim] {
    Command command;
    command.mutable_give_up()->set_session(claim.session());
    command.mutable_give_up()->set_number(claim.number());
    Change(std::move(command), [this, claim](const Result& result) {
      if (result.code() != 0 && serving()) AwaitPatience(claim, kPause);
    });
  });
  // [end]
}

void LockServer::OnAnswered(std::uint64_t session, std::uint64_t number) {
  // [solution: Tell whoever waits (handout 4C, step 2).]
  if (!serving()) return;
  Soon([this, session, number] { AnswerWaiting({session, number}); });
  // [end]
}

void LockServer::AnswerWaiting(Operation operation) {
  // [solution: Answer every request of this operation as the state says (handout 4C, step 2).]
  patience_.erase(operation);
  const auto waiting = waiting_.extract(operation);
  if (!waiting) return;
  const Session* session = machine_.sessions().Find(operation.first);
  Result result = ResultOf(absl::UnauthenticatedError("The session has ended."));
  if (session != nullptr) {
    const auto executed = session->executed.find(operation.second);
    if (executed == session->executed.end()) return;  // its client has said that it has the answer
    result = executed->second;
  }
  for (Done& done : waiting.mapped()) done(result);
  // [end]
}

void LockServer::OnDelayBegun(const LockDelay& delay) {
  // [solution: The master waits it out (handout 4C, step 5).]
  if (serving()) AwaitDelay(delay.id(), bound_.ToOutlast(Duration(delay.length_ns())));
  // [end]
}

void LockServer::AwaitDelay(std::uint64_t delay, Duration length) {
  // [solution: Propose its end when it is over by this clock; the replicas' do not count (handout
  // 4C, step 5).]
  delay_ends_[delay] = env_.After(length, [this, delay] {
    Command command;
    command.mutable_end_lock_delay()->set_delay(delay);
    Change(std::move(command), [this, delay](const Result& result) {
      if (result.code() != 0 && serving()) return AwaitDelay(delay, kPause);
      delay_ends_.erase(delay);
    });
  });
  // [end]
}

}  // namespace quorum::lock_service
