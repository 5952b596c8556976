// Locks (section 2.4), the client's side.
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/client_asking.h"

namespace quorum::lock_service {

template <class Request>
void LockClient::AskToAcquire(const Method<Request, AcquireResponse>& method,
                              const Request& request, Responder<AcquireResponse> responder) {
  // [solution: Ask, and remember that the handle holds it (handout 4C, step 6).]
  if (absl::Status alive = CheckSession(request.handle()); !alive.ok()) {
    return responder.Fail(alive);
  }
  const std::vector<std::string> changed = PathsOf(request.handle());
  cache_.BeginChange(changed);
  ++handles_.at(request.handle()).asking;
  Ask<Request, AcquireResponse>(
      method, request, /*changes=*/true,
      [this, changed, handle = request.handle(),
       responder = std::move(responder)](absl::StatusOr<AcquireResponse> response) mutable {
        cache_.EndChange(changed);
        const auto open = handles_.find(handle);
        if (open != handles_.end()) {
          --open->second.asking;
          if (response.ok() && response->acquired()) open->second.holds = response->sequencer();
        } else {
          response = absl::UnauthenticatedError("The handle was closed meanwhile.");
        }
        AnswerWhenSafe(std::move(responder), std::move(response));
      });
  // [end]
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
  // [solution: Know it while the session is valid, and otherwise wait (handout 4C, step 6).]
  if (absl::Status alive = CheckSession(request.handle()); !alive.ok()) {
    return responder.Fail(alive);
  }
  auto shared = std::make_shared<Responder<HoldsLockResponse>>(std::move(responder));
  WhenSafe({.answer =
                [this, shared, handle = request.handle()] {
                  HoldsLockResponse response;
                  const OpenHandle* open = Find(handle);
                  response.set_held(open != nullptr && open->holds.has_value());
                  if (response.held()) *response.mutable_sequencer() = *open->holds;
                  shared->Reply(response);
                },
            .fail = [shared](const absl::Status& status) { shared->Fail(status); }});
  // [end]
}

void LockClient::GetSequencer(const GetSequencerRequest& request,
                              Responder<GetSequencerResponse> responder) {
  // [solution: Ask (handout 4C, step 6).]
  if (absl::Status alive = CheckSession(request.handle()); !alive.ok()) {
    return responder.Fail(alive);
  }
  Ask<GetSequencerRequest, GetSequencerResponse>(
      kGetSequencer, request, /*changes=*/false,
      [this, responder = std::move(responder)](auto response) mutable {
        AnswerWhenSafe(std::move(responder), std::move(response));
      });
  // [end]
}

void LockClient::CheckSequencer(const CheckSequencerRequest& request,
                                Responder<CheckSequencerResponse> responder) {
  // [solution: Ask; it needs no session (handout 4C, step 6).]
  Ask<CheckSequencerRequest, CheckSequencerResponse>(
      kCheckSequencer, request, /*changes=*/false,
      [responder = std::move(responder)](auto response) mutable {
        response.ok() ? responder.Reply(*response) : responder.Fail(response.status());
      });
  // [end]
}

}  // namespace quorum::lock_service
