// `quorum lock watch`, and `elect --listen`, which watches the election's file.

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>

#include "grader/cli/lock/lock_options.h"

namespace quorum::cli {

namespace ls = lock_service;

namespace {

/// Of whoever listens: the contents now, if the file has any.
absl::Status PrintContents(LockSession& session, std::uint64_t handle) {
  ls::GetContentsAndStatRequest request;
  request.set_handle(handle);
  const auto read = session.Ask(ls::user::kGetContentsAndStat, request);
  if (!read.ok()) return read.status();
  if (!read->contents().empty()) fmt::print("{}\n", read->contents());
  std::fflush(stdout);
  return absl::OkStatus();
}

void PrintEvent(const ls::Event& event) {
  fmt::print("{}", ls::EventKind_Name(event.kind()));
  if (!event.path().empty()) fmt::print(" {}", event.path());
  if (!event.child().empty()) fmt::print(" {}", event.child());
  fmt::print("\n");
  std::fflush(stdout);
}

int Watch(LockSession& session, std::uint64_t handle, const LockVerb& verb,
          Happenings& happenings) {
  for (std::uint64_t seen = 0; verb.count == 0 || seen < verb.count;) {
    const Happening happening = *happenings.Next();
    if (happening.signal != 0 && happening.signal != SIGCHLD) return 0;
    if (!happening.event) continue;
    const ls::EventKind kind = happening.event->kind();
    ++seen;
    if (!verb.listen) {
      PrintEvent(*happening.event);
    } else if (kind == ls::CONTENTS_CHANGED) {
      const absl::Status status = PrintContents(session, handle);
      if (!status.ok()) return ComplainOfLock(status);
    }
    if (kind == ls::SESSION_EXPIRED) {
      return ComplainOfLock(absl::UnavailableError("The session has expired."));
    }
    if (kind == ls::HANDLE_INVALID) {
      return ComplainOfLock(absl::NotFoundError(verb.path + " has been removed."));
    }
  }
  return 0;
}

}  // namespace

int LockWatch(const LockOptions& options, const LockVerb& verb) {
  Happenings happenings;
  const auto session = Connect(options);
  if (!session.ok()) return ComplainOfLock(session.status());
  OpenWish wish = {
      .events = {ls::CONTENTS_CHANGED, ls::CHILD_ADDED, ls::CHILD_REMOVED, ls::LOCK_ACQUIRED}};
  // Whoever listens for a leader may come before the first one.
  if (verb.listen)
    wish = {
        .write = true, .create = true, .parents = verb.parents, .events = {ls::CONTENTS_CHANGED}};
  const auto handle = (*session)->Open(verb.path, wish);
  if (!handle.ok()) return ComplainOfLock(handle.status());
  if (verb.listen) {
    const absl::Status status = PrintContents(**session, *handle);
    if (!status.ok()) return ComplainOfLock(status);
  } else {
    fmt::print("watching {}\n", verb.path);
    std::fflush(stdout);
  }
  (*session)->Listen(happenings);
  return Watch(**session, *handle, verb, happenings);
}

}  // namespace quorum::cli
