#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grader/cli/lock/lock_session.h"
#include "grader/cli/ring_command.h"

namespace quorum::cli {

// Exit codes, beside those of a command that runs while a lock is held.
inline constexpr int kLockError = 1;      ///< the cell says no, or nothing
inline constexpr int kLockBadUsage = 2;   ///< also: what the cell could not make sense of
inline constexpr int kLockNotFree = 124;  ///< it was not free in time, as `timeout` has it
inline constexpr int kLockLost = 125;     ///< and the command was stopped

/// What is common to all verbs of `quorum lock`.
struct LockOptions {
  std::string cluster_file;
  std::vector<std::string> servers;  ///< "HOST:PORT"; none: those of the cluster
  std::string tls;                   ///< the folder of certificates; empty: the cluster's
  std::string name;                  ///< whose certificate is shown
  std::string impl;
  double timeout = 10;
  double grace = 45;
  ModuleSource modules;
};

/// What a verb is given besides.
struct LockVerb {
  std::string path = {};
  std::optional<std::string> value = {};
  std::vector<std::string> command = {};
  bool parents = false;
  bool details = false;
  bool listen = false;
  bool shared = false;
  double wait = 0;        ///< 0: for ever
  double lock_delay = 0;  ///< see `AcquireRequest.lock_delay_ns`
  double stop_after = 5;  ///< between SIGTERM and SIGKILL for a command that has lost its lock
  std::optional<std::uint64_t> if_generation = {};
  std::uint64_t count = 0;  ///< of events; 0: without end
};

/// Seconds as they are written on a command line.
Duration SecondsOf(double seconds);

/// Begins to talk to the cell. The error is a sentence.
absl::StatusOr<std::unique_ptr<LockSession>> Connect(const LockOptions& options);

/// Says what is wrong, and which exit code that makes.
int ComplainOfLock(const absl::Status& status);

// The verbs; each returns its exit code.
int LockPut(const LockOptions& options, const LockVerb& verb);
int LockGet(const LockOptions& options, const LockVerb& verb);
int LockList(const LockOptions& options, const LockVerb& verb);
int LockMakeDirectory(const LockOptions& options, const LockVerb& verb);
int LockRemove(const LockOptions& options, const LockVerb& verb);
int LockWatch(const LockOptions& options, const LockVerb& verb);
int LockHoldSession(const LockOptions& options, const LockVerb& verb);
int LockAcquire(const LockOptions& options, const LockVerb& verb);
int LockElect(const LockOptions& options, const LockVerb& verb);

}  // namespace quorum::cli
