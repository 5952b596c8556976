#include "grader/scenarios/lock_service/listener.h"

#include <algorithm>
#include <utility>

namespace quorum::grader::locks {

namespace lock = quorum::lock_service;

Listener::Listener(LockRoom& room, NodeId client, Heard heard)
    : room_(room), client_(client), heard_(std::move(heard)) {
  Listen(0);
}

int Listener::count(lock::EventKind kind) const {
  const auto found = counts_.find(kind);
  return found == counts_.end() ? 0 : found->second;
}

void Listener::Listen(std::uint64_t after) {
  lock::NextEventsRequest request;
  request.set_after(after);
  room_.world().Invoke<lock::NextEventsRequest, lock::NextEventsResponse>(
      client_, lock::user::kNextEvents, request,
      [this, after](const absl::StatusOr<lock::NextEventsResponse>& answer) {
        if (!answer.ok()) {  // its node has died
          room_.world().At(room_.world().now() + kSecond, [this] { Listen(0); });
          return;
        }
        std::uint64_t last = after;
        for (const lock::Event& event : answer->events()) {
          last = std::max(last, event.number());
          ++counts_[event.kind()];
          if (event.kind() == lock::SAFE) room_.stage().Observe(kJeopardy);
          if (event.kind() == lock::SESSION_EXPIRED) room_.stage().Observe(kExpired);
          if (heard_) heard_(event);
        }
        Listen(last);
      });
}

}  // namespace quorum::grader::locks
