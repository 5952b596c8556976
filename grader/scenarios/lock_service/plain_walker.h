#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "grader/faults/plan.pb.h"
#include "grader/scenarios/lock_service/history.h"
#include "grader/scenarios/lock_service/plain_client.h"

namespace quorum::grader::locks {

/// A user of a client without the library who does one thing after the other, and asks for each
/// until it is answered; several may share a client, and its session. What it is told goes into a
/// history.
class PlainWalker {
 public:
  PlainWalker(LockRoom& room, History& history, PlainClient& client, int user)
      : room_(room), history_(history), client_(client), user_(user) {}

  void Add(const faults::ClientOp& op) { queue_.push_back(&op); }
  void DoNext();
  bool done() const { return queue_.empty() && !asking_; }

 private:
  void Do(const faults::ClientOp& op);
  void Open(const std::string& name);
  void Write(const faults::ClientOp& op, std::uint64_t handle, std::uint64_t if_generation);
  template <class Request, class Response>
  void Ask(const Method<Request, Response>& method, const Request& request,
           std::function<void(const absl::StatusOr<Response>&)> then = nullptr);

  LockRoom& room_;
  History& history_;
  PlainClient& client_;
  const int user_;
  std::deque<const faults::ClientOp*> queue_;
  std::map<std::string, std::uint64_t> handles_;
  bool asking_ = false;
  std::uint64_t operations_ = 0;
};

}  // namespace quorum::grader::locks
