#pragma once

#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/env/env.h"
#include "common/log/replicated_log.h"

namespace quorum::lock_service {

/// Read barriers of one log, each shared by all who asked while the one before was on its way:
/// thousands of sessions that keep alive cost no more than a few.
class Barriers {
 public:
  /// `begun` is when the barrier began, after it was asked for: this server led at some instant
  /// since, if the status is OK.
  using Done = absl::AnyInvocable<void(const absl::Status& status, Time begun)>;

  explicit Barriers(Env& env) : env_(env) {}
  /// To be called before `Run`.
  void Use(ReplicatedLog& log) { log_ = &log; }
  void Run(Done done);

 private:
  void Begin();

  Env& env_;
  ReplicatedLog* log_ = nullptr;
  bool under_way_ = false;
  std::vector<Done> waiting_;  // for the next one
};

}  // namespace quorum::lock_service
