// What becomes of the session, and what the user is told of it.
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/client_asking.h"

namespace quorum::lock_service {

void LockClient::OnValid() {
  // [solution: Let go on what has waited for it (section 2.8; handout 4B, step 8).]
  for (auto& begin : std::exchange(before_session_, {})) begin();
  if (was_in_jeopardy_) {
    Event safe;
    safe.set_kind(SAFE);
    Tell(std::move(safe));
  }
  was_in_jeopardy_ = false;
  for (Unsafe& one : std::exchange(unsafe_, {})) WhenSafe(std::move(one));
  // [end]
}

void LockClient::OnJeopardy() {
  // [solution: Nothing that is cached may be used any more (section 2.8; handout 4B, step 8).]
  cache_.DropAll();
  was_in_jeopardy_ = true;
  Event jeopardy;
  jeopardy.set_kind(JEOPARDY);
  Tell(std::move(jeopardy));
  // [end]
}

void LockClient::OnEnded(bool by_user) {
  // [solution: All that belonged to it is gone; whoever waits is told (section 2.8; handout 4B,
  // step 8).]
  cache_.DropAll();
  handles_.clear();
  kept_.clear();
  was_in_jeopardy_ = false;
  FailAll(absl::UnauthenticatedError("The session has ended."));
  if (!by_user) {
    Event expired;
    expired.set_kind(SESSION_EXPIRED);
    Tell(std::move(expired));
  }
  // Whoever has opened something meanwhile wants a new session.
  if (!before_session_.empty()) keeper_.Begin();
  // [end]
}

void LockClient::OnNewMaster() {
  // [solution: Drop the cache, and tell the user (section 2.9; handout 4B, step 8).]
  cache_.DropAll();
  Event failed_over;
  failed_over.set_kind(MASTER_FAILED_OVER);
  Tell(std::move(failed_over));
  // [end]
}

void LockClient::OnInvalidation(const std::string& path) {
  // [solution: Drop it (section 2.7; handout 4D, step 7).]
  cache_.Drop(path);
  // [end]
}

void LockClient::OnEvent(const Event& event) {
  // [solution: Tell the user (handout 4D, step 3).]
  Tell(event);
  // [end]
}

void LockClient::Tell(Event event) {
  // [solution: Number it, and answer who waits for events (handout 4B, step 8).]
  event.set_number(++last_event_);
  events_.push_back(std::move(event));
  for (auto& [after, responder] : std::exchange(listening_, {})) {
    NextEventsRequest request;
    request.set_after(after);
    NextEvents(request, std::move(responder));
  }
  // [end]
}

void LockClient::NextEvents(const NextEventsRequest& request,
                            Responder<NextEventsResponse> responder) {
  // [solution: Forget what the user has; answer, or wait until there is something (handout 4B, step
  // 8).]
  while (!events_.empty() && events_.front().number() <= request.after()) events_.pop_front();
  if (events_.empty()) {
    listening_.emplace_back(request.after(), std::move(responder));
    return;
  }
  NextEventsResponse response;
  for (const Event& event : events_) *response.add_events() = event;
  responder.Reply(response);
  // [end]
}

void LockClient::GetSession(const GetSessionRequest&, Responder<GetSessionResponse> responder) {
  // [solution: Say how it is at this instant (handout 4B, step 8).]
  GetSessionResponse response;
  response.set_state(keeper_.state());
  response.set_session(keeper_.session());
  response.set_epoch(keeper_.epoch());
  responder.Reply(response);
  // [end]
}

void LockClient::EndSession(const EndSessionRequest&, Responder<EndSessionResponse> responder) {
  // [solution: End it (handout 4B, step 9).]
  keeper_.End([responder = std::move(responder)]() mutable { responder.Reply({}); });
  // [end]
}

}  // namespace quorum::lock_service
