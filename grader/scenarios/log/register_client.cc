#include "grader/scenarios/log/register_client.h"

namespace quorum::grader {
namespace {

constexpr sim::SimTime kPause = 20'000'000;
constexpr int kMostHints = 8;

}  // namespace

void RegisterRoom::Client::DoNext() {
  if (queue_.empty()) return;
  sim::World& world = room_.world();
  world.At(world.now() + queue_.front()->think_ns(), [this] { Try(); });
}

void RegisterRoom::Client::Try() {
  const faults::ClientOp& op = *queue_.front();
  op.op() == "read" ? Read() : Write(op);
}

check::Operation RegisterRoom::Client::NewOperation() const {
  check::Operation operation;
  operation.client = number_;
  operation.call = room_.world().now();
  return operation;
}

void RegisterRoom::Client::Write(const faults::ClientOp& op) {
  check::Operation operation = NewOperation();
  operation.op = op.op() == "put" ? check::OpKind::kPut : check::OpKind::kAppend;
  operation.value = op.value();
  const auto done = [this, operation](const absl::StatusOr<log::WriteResponse>& response) {
    if (response.ok() && response->outcome() == log::WriteResponse::NOT_LEADER) {
      return TryElsewhere(response->leader_hint());
    }
    Finish(operation, response.ok() && response->outcome() == log::WriteResponse::EXECUTED);
  };
  op.op() == "put" ? room_.Put(node_, op.value(), done) : room_.Append(node_, op.value(), done);
}

void RegisterRoom::Client::Read() {
  check::Operation operation = NewOperation();
  operation.op = check::OpKind::kGet;
  room_.world().Invoke<log::ReadRequest, log::ReadResponse>(
      node_, log::kRead, {}, [this, operation](const absl::StatusOr<log::ReadResponse>& response) {
        if (!response.ok()) return TryElsewhere(0);
        if (!response->confirmed()) return TryElsewhere(response->leader_hint());
        check::Operation read = operation;
        read.result = response->value();
        Finish(read, true);
      });
}

void RegisterRoom::Client::TryElsewhere(NodeId hint) {
  const auto nodes = static_cast<NodeId>(room_.nodes_and_joiners());
  // Nodes that have left the cluster may send it to and fro between them.
  const bool useful = hint > 0 && hint <= nodes && hint != node_ && ++hints_ % kMostHints != 0;
  node_ = useful ? hint : node_ % nodes + 1;
  sim::World& world = room_.world();
  world.At(world.now() + kPause, [this] { Try(); });
}

void RegisterRoom::Client::Finish(check::Operation operation, bool known) {
  if (known) {
    operation.ret = room_.world().now();
  } else {
    room_.stage_.Observe(kUnknownOutcome);
    node_ = node_ % static_cast<NodeId>(room_.nodes_and_joiners()) + 1;
  }
  room_.history_.push_back(std::move(operation));
  queue_.pop_front();
  hints_ = 0;
  DoNext();
}

}  // namespace quorum::grader
