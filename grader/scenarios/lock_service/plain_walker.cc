#include "grader/scenarios/lock_service/plain_walker.h"

#include <utility>

namespace quorum::grader::locks {

namespace lock = quorum::lock_service;

template <class Request, class Response>
void PlainWalker::Ask(const Method<Request, Response>& method, const Request& request,
                      std::function<void(const absl::StatusOr<Response>&)> then) {
  asking_ = true;
  // The world counts its own operations from 1 on; nobody asks a library in this room.
  const std::uint64_t op = (static_cast<std::uint64_t>(user_ + 1) << 32) + ++operations_;
  const auto user = static_cast<NodeId>(user_);
  history_.OnInvoke(user, op, method.path, request.SerializeAsString());
  client_.BeginUntilAnswered<Request, Response>(
      method, request,
      [this, op, user, call = request.call(), method,
       then = std::move(then)](const absl::StatusOr<Response>& answer) {
        client_.HasAnswer(call);
        history_.OnReturn(user, op, method.path, answer.status(),
                          answer.ok() ? answer->SerializeAsString() : "");
        asking_ = false;
        if (then) return then(answer);
        DoNext();
      });
}

void PlainWalker::DoNext() {
  if (queue_.empty()) return;
  sim::World& world = room_.world();
  world.At(world.now() + queue_.front()->think_ns(), [this] {
    const faults::ClientOp& op = *queue_.front();
    queue_.pop_front();
    Do(op);
  });
}

void PlainWalker::Open(const std::string& name) {
  lock::OpenRequest request;
  *request.mutable_call() = client_.NewCall();
  request.set_path(LockRoom::Path(name));
  request.set_write(true);
  request.set_create(lock::OpenRequest::IF_ABSENT);
  Ask<lock::OpenRequest, lock::OpenResponse>(
      lock::kOpen, request, [this, name](const absl::StatusOr<lock::OpenResponse>& opened) {
        if (opened.ok()) handles_[name] = opened->handle();
        DoNext();
      });
}

void PlainWalker::Write(const faults::ClientOp& op, std::uint64_t handle,
                        std::uint64_t if_generation) {
  lock::SetContentsRequest request;
  *request.mutable_call() = client_.NewCall();
  request.set_handle(handle);
  request.set_contents(op.value());
  if (if_generation != 0) request.set_if_generation(if_generation);
  Ask<lock::SetContentsRequest, lock::SetContentsResponse>(lock::kSetContents, request);
}

void PlainWalker::Do(const faults::ClientOp& op) {
  const auto open = handles_.find(op.key());
  if (open == handles_.end()) return Open(op.key());
  const std::uint64_t handle = open->second;
  if (op.op() == "write") return Write(op, handle, 0);
  lock::GetContentsAndStatRequest request;
  *request.mutable_call() = client_.Reading();
  request.set_handle(handle);
  std::function<void(const absl::StatusOr<lock::GetContentsAndStatResponse>&)> then;
  if (op.op() == "compare") {
    then = [this, &op, handle](const absl::StatusOr<lock::GetContentsAndStatResponse>& read) {
      if (!read.ok()) return DoNext();
      Write(op, handle, read->stat().content_generation());
    };
  }
  Ask<lock::GetContentsAndStatRequest, lock::GetContentsAndStatResponse>(lock::kGetContentsAndStat,
                                                                         request, std::move(then));
}

}  // namespace quorum::grader::locks
