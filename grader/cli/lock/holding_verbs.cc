// The verbs that hold something until they are told to stop, or lose it.

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <variant>

#include "common/env/real/clock.h"
#include "grader/cli/lock/child_command.h"
#include "grader/cli/lock/lock_options.h"

namespace quorum::cli {

namespace ls = lock_service;

namespace {

void Say(const std::string& sentence) { fmt::print(stderr, "quorum lock: {}\n", sentence); }

bool Ends(const Happening& happening) {
  return happening.signal != 0 && happening.signal != SIGCHLD;
}

/// Begins to wait for the lock; the answer comes into `happenings`.
void BeginToAcquire(LockSession& session, std::uint64_t handle, const LockVerb& verb,
                    Happenings& happenings) {
  ls::AcquireRequest request;
  request.set_handle(handle);
  request.set_mode(verb.shared ? ls::SHARED : ls::EXCLUSIVE);
  request.set_lock_delay_ns(SecondsOf(verb.lock_delay).count());
  request.set_patience_ns(SecondsOf(verb.wait).count());
  session.user().Begin<ls::AcquireRequest, ls::AcquireResponse>(
      ls::user::kAcquire, request, [&happenings](absl::StatusOr<ls::AcquireResponse> response) {
        happenings.Add({.acquired = std::move(response)});
      });
}

/// Waits for the lock. The sequencer, or an exit code.
std::variant<ls::Sequencer, int> AwaitLock(Happenings& happenings, const LockVerb& verb) {
  for (;;) {
    const Happening happening = *happenings.Next();
    if (Ends(happening)) return 128 + happening.signal;
    if (!happening.acquired) continue;
    const absl::StatusOr<ls::AcquireResponse>& response = *happening.acquired;
    if (!response.ok()) return ComplainOfLock(response.status());
    if (response->acquired()) return response->sequencer();
    Say(fmt::format("{} was not free within {} s.", verb.path, verb.wait));
    return kLockNotFree;
  }
}

/// Watches over a command while the lock is held. While it is not known whether it is, the command
/// stands still: whatever it did then it might do beside another holder.
class Guard {
 public:
  Guard(const LockVerb& verb, ChildCommand& command) : verb_(verb), command_(command) {}

  /// The exit code.
  int Run(Happenings& happenings) {
    for (;;) {
      const std::optional<Happening> happening = happenings.Next(kill_at_);
      if (!happening) {
        command_.Signal(SIGKILL);
        kill_at_ = Time::max();
      } else if (Ends(*happening)) {
        command_.Signal(happening->signal);
      } else if (happening->event) {
        Hear(happening->event->kind());
      }
      if (const auto code = command_.ExitCode()) return lost_ ? kLockLost : *code;
    }
  }

 private:
  void Hear(ls::EventKind kind) {
    if (kind == ls::JEOPARDY && !lost_) {
      Say("it is not known whether the lock is still held: the command waits.");
      command_.Signal(SIGSTOP);
    } else if (kind == ls::SAFE && !lost_) {
      Say("the lock is still held: the command goes on.");
      command_.Signal(SIGCONT);
    } else if (kind == ls::SESSION_EXPIRED) {
      Say("the lock is lost: the command is stopped.");
      lost_ = true;
      kill_at_ = MonotonicNow() + SecondsOf(verb_.stop_after);
      command_.Signal(SIGTERM);
      command_.Signal(SIGCONT);
    }
  }

  const LockVerb& verb_;
  ChildCommand& command_;
  bool lost_ = false;
  Time kill_at_ = Time::max();
};

/// Without a command: holds until a signal comes or the session is lost; the exit code.
int HoldOn(Happenings& happenings) {
  for (;;) {
    const Happening happening = *happenings.Next();
    if (Ends(happening)) return 0;
    if (!happening.event) continue;
    fmt::print("{}\n", ls::EventKind_Name(happening.event->kind()));
    std::fflush(stdout);
    if (happening.event->kind() == ls::SESSION_EXPIRED) return kLockLost;
  }
}

int HoldWith(Happenings& happenings, const LockVerb& verb, const ls::Sequencer& sequencer) {
  if (verb.command.empty()) {
    fmt::print("{} is held, generation {}\n", verb.path, sequencer.generation());
    std::fflush(stdout);
    return HoldOn(happenings);
  }
  ChildCommand command(verb.command,
                       {"QUORUM_LOCK_PATH=" + verb.path,
                        "QUORUM_LOCK_GENERATION=" + std::to_string(sequencer.generation())});
  return Guard(verb, command).Run(happenings);
}

/// Acquires the lock, does `then` with its handle, and holds it.
template <class Then>
int AcquireAnd(const LockOptions& options, const LockVerb& verb, Then then) {
  Happenings happenings;
  const auto session = Connect(options);
  if (!session.ok()) return ComplainOfLock(session.status());
  const auto handle =
      (*session)->Open(verb.path, {.write = true, .create = true, .parents = verb.parents});
  if (!handle.ok()) return ComplainOfLock(handle.status());
  BeginToAcquire(**session, *handle, verb, happenings);
  const auto outcome = AwaitLock(happenings, verb);
  if (const int* exit_code = std::get_if<int>(&outcome)) return *exit_code;
  (*session)->Listen(happenings);
  const absl::Status status = then(**session, *handle);
  if (!status.ok()) return ComplainOfLock(status);
  return HoldWith(happenings, verb, std::get<ls::Sequencer>(outcome));
}

}  // namespace

int LockHoldSession(const LockOptions& options, const LockVerb& verb) {
  Happenings happenings;
  const auto session = Connect(options);
  if (!session.ok()) return ComplainOfLock(session.status());
  const auto root = (*session)->Open(verb.path, {});
  if (!root.ok()) return ComplainOfLock(root.status());
  const auto known = (*session)->Ask(ls::user::kGetSession, {});
  if (!known.ok()) return ComplainOfLock(known.status());
  fmt::print("session {}, epoch {}\n", known->session(), known->epoch());
  std::fflush(stdout);
  (*session)->Listen(happenings);
  return HoldOn(happenings);
}

int LockAcquire(const LockOptions& options, const LockVerb& verb) {
  return AcquireAnd(options, verb, [](LockSession&, std::uint64_t) { return absl::OkStatus(); });
}

int LockElect(const LockOptions& options, const LockVerb& verb) {
  if (verb.listen) return LockWatch(options, verb);
  if (!verb.value) {
    return ComplainOfLock(absl::InvalidArgumentError(
        "Say the VALUE that the file has while you lead, or --listen to hear who leads."));
  }
  return AcquireAnd(options, verb, [&verb](LockSession& session, std::uint64_t handle) {
    ls::SetContentsRequest request;
    request.set_handle(handle);
    request.set_contents(*verb.value);
    return session.Ask(ls::user::kSetContents, request).status();
  });
}

}  // namespace quorum::cli
