#pragma once

#include <deque>

#include "grader/check/linearizability/history.h"
#include "grader/faults/plan.pb.h"
#include "grader/scenarios/log/register_room.h"

namespace quorum::grader {

/// One client of the register: does one thing after the other, and writes down what it saw.
class RegisterRoom::Client {
 public:
  Client(RegisterRoom& room, std::int64_t number, NodeId first_node)
      : room_(room), number_(number), node_(first_node) {}

  void Add(const faults::ClientOp& op) { queue_.push_back(&op); }
  bool done() const { return queue_.empty(); }
  void DoNext();

 private:
  void Try();
  void Write(const faults::ClientOp& op);
  void Read();
  void TryElsewhere(NodeId hint);
  void Finish(check::Operation operation, bool known);
  check::Operation NewOperation() const;

  RegisterRoom& room_;
  std::int64_t number_;
  NodeId node_;    // where it asks
  int hints_ = 0;  // that it has followed for one operation
  std::deque<const faults::ClientOp*> queue_;
};

}  // namespace quorum::grader
