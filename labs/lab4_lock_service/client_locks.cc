// Locks (section 2.4), the client's side.
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/client_asking.h"

namespace quorum::lock_service {

template <class Request>
void LockClient::AskToAcquire(const Method<Request, AcquireResponse>& method,
                              const Request& request, Responder<AcquireResponse> responder) {
  NotWritten("Ask, and remember that the handle holds it (handout 4C, step 6).");
}

void LockClient::Acquire(const AcquireRequest& request, Responder<AcquireResponse> responder) {
  AskToAcquire(kAcquire, request, std::move(responder));
}

void LockClient::TryAcquire(const TryAcquireRequest& request,
                            Responder<AcquireResponse> responder) {
  AskToAcquire(kTryAcquire, request, std::move(responder));
}

void LockClient::HoldsLock(const HoldsLockRequest& request,
                           Responder<HoldsLockResponse> responder) {
  NotWritten("Know it while the session is valid, and otherwise wait (handout 4C, step 6).");
}

void LockClient::GetSequencer(const GetSequencerRequest& request,
                              Responder<GetSequencerResponse> responder) {
  NotWritten("Ask (handout 4C, step 6).");
}

void LockClient::CheckSequencer(const CheckSequencerRequest& request,
                                Responder<CheckSequencerResponse> responder) {
  NotWritten("Ask; it needs no session (handout 4C, step 6).");
}

}  // namespace quorum::lock_service
