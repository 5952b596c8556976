#pragma once

#include <csignal>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "grader/cli/lock/happenings.h"
#include "grader/cli/lock/lock_user.h"

namespace quorum::cli {

/// What a path, and what leads to it, shall be when it is opened.
struct OpenWish {
  bool write = false;
  bool create = false;
  bool directory = false;
  bool parents = false;  ///< also make the directories above
  std::vector<lock_service::EventKind> events = {};
};

/// One session, and what a command does with it: opens nodes, and hears of events. It ends with
/// this object, and what it holds goes with it.
class LockSession {
 public:
  /// `patience` is with each answer of the cell.
  LockSession(std::unique_ptr<LockUser> user, Duration patience)
      : user_(std::move(user)), patience_(patience) {}
  /// Asks the cell to end it, but does not insist: otherwise its lease will.
  ~LockSession();

  /// The handle; NOT_FOUND when there is no such node and none is wanted.
  absl::StatusOr<std::uint64_t> Open(const std::string& path, const OpenWish& wish);

  template <class Request, class Response>
  absl::StatusOr<Response> Ask(const Method<Request, Response>& method, const Request& request) {
    return user_->Ask(method, request, patience_);
  }

  /// From now on each event comes into `happenings`, which outlives this object.
  void Listen(Happenings& happenings, std::uint64_t after = 0);

  LockUser& user() { return *user_; }

 private:
  std::unique_ptr<LockUser> user_;
  const Duration patience_;
};

}  // namespace quorum::cli
