#pragma once

#include <deque>
#include <map>
#include <string>

#include "grader/scenarios/lock_service/lock_room.h"

namespace quorum::grader::locks {

/// A user of one library who does one thing after the other, come what may. Whether the answers are
/// right the rules judge.
class Walker {
 public:
  Walker(LockRoom& room, NodeId client) : room_(room), client_(client) {}

  void Add(const faults::ClientOp& op) { queue_.push_back(&op); }
  void DoNext();
  /// Whether it has done everything, and has all answers.
  bool done() const { return queue_.empty() && doing_ == nullptr; }
  /// Who has not given it which answer; not when it is done.
  std::string WaitsFor() const;

  /// Draws what a walker does: one of `what`, or of all that it can.
  static void Draw(sim::Rng& random, faults::ClientOp& op,
                   const std::vector<const char*>& what = {});

 private:
  void Do(const faults::ClientOp& op);
  void DoWithHandle(const faults::ClientOp& op, std::uint64_t handle);
  void Open(const std::string& key, bool create, bool ephemeral);
  void Finish(const absl::Status& status);
  void Compare(const faults::ClientOp& op, std::uint64_t handle);
  template <class Request, class Response>
  void Ask(const Method<Request, Response>& method, const Request& request) {
    room_.world().Invoke<Request, Response>(
        client_, method, request,
        [this](const absl::StatusOr<Response>& response) { Finish(response.status()); });
  }

  LockRoom& room_;
  NodeId client_;
  std::deque<const faults::ClientOp*> queue_;
  const faults::ClientOp* doing_ = nullptr;  ///< null: it waits for no answer
  std::map<std::string, std::uint64_t> handles_;
};

}  // namespace quorum::grader::locks
