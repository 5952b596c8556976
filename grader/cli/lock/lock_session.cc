#include "grader/cli/lock/lock_session.h"

#include <algorithm>

namespace quorum::cli {

using namespace std::chrono_literals;
namespace ls = lock_service;

LockSession::~LockSession() {
  static_cast<void>(user_->Ask(ls::user::kEndSession, {}, std::min<Duration>(patience_, 2s)));
}

absl::StatusOr<std::uint64_t> LockSession::Open(const std::string& path, const OpenWish& wish) {
  const std::size_t slash = path.rfind('/');
  // "/ls/CELL" is there, and has no parent.
  if (wish.parents && std::ranges::count(path.substr(0, slash), '/') > 2) {
    const auto parent = Open(path.substr(0, slash),
                             {.write = true, .create = true, .directory = true, .parents = true});
    if (!parent.ok()) return parent.status();
  }
  ls::OpenRequest request;
  request.set_path(path);
  request.set_write(wish.write);
  if (wish.create) request.set_create(ls::OpenRequest::IF_ABSENT);
  request.set_directory(wish.directory);
  for (const ls::EventKind kind : wish.events) request.add_events(kind);
  const auto opened = Ask(ls::user::kOpen, request);
  if (!opened.ok()) return opened.status();
  if (opened->handle() == 0) return absl::NotFoundError("There is no " + path + ".");
  return opened->handle();
}

void LockSession::Listen(Happenings& happenings, std::uint64_t after) {
  ls::NextEventsRequest request;
  request.set_after(after);
  user_->Begin<ls::NextEventsRequest, ls::NextEventsResponse>(
      ls::user::kNextEvents, request,
      [this, &happenings, after](absl::StatusOr<ls::NextEventsResponse> response) {
        if (!response.ok()) return;  // the library is going
        std::uint64_t last = after;
        for (const ls::Event& event : response->events()) {
          last = event.number();
          happenings.Add({.event = event});
        }
        Listen(happenings, last);
      });
}

}  // namespace quorum::cli
