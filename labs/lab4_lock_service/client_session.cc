// What becomes of the session, and what the user is told of it.
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/client_asking.h"

namespace quorum::lock_service {

void LockClient::OnValid() {
  NotWritten("Let go on what has waited for it (section 2.8; handout 4B, step 8).");
}

void LockClient::OnJeopardy() {
  NotWritten("Nothing that is cached may be used any more (section 2.8; handout 4B, step 8).");
}

void LockClient::OnEnded(bool by_user) {
  NotWritten(
      "All that belonged to it is gone; whoever waits is told (section 2.8; handout 4B, step 8).");
}

void LockClient::OnNewMaster() {
  NotWritten("Drop the cache, and tell the user (section 2.9; handout 4B, step 8).");
}

void LockClient::OnInvalidation(const std::string& path) {
  NotWritten("Drop it (section 2.7; handout 4D, step 7).");
}

void LockClient::OnEvent(const Event& event) {
  NotWritten("Tell the user (handout 4D, step 3).");
}

void LockClient::Tell(Event event) {
  NotWritten("Number it, and answer who waits for events (handout 4B, step 8).");
}

void LockClient::NextEvents(const NextEventsRequest& request,
                            Responder<NextEventsResponse> responder) {
  NotWritten(
      "Forget what the user has; answer, or wait until there is something (handout 4B, step 8).");
}

void LockClient::GetSession(const GetSessionRequest&, Responder<GetSessionResponse> responder) {
  NotWritten("Say how it is at this instant (handout 4B, step 8).");
}

void LockClient::EndSession(const EndSessionRequest&, Responder<EndSessionResponse> responder) {
  NotWritten("End it (handout 4B, step 9).");
}

}  // namespace quorum::lock_service
