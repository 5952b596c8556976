#include "grader/scenarios/lock_service/walker.h"

#include <fmt/format.h>

#include <charconv>

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

constexpr sim::SimTime kLockPatience = 3 * kSecond;

template <class Request>
Request Of(std::uint64_t handle) {
  Request request;
  request.set_handle(handle);
  return request;
}

/// At most three seconds.
std::int64_t LockDelayOf(const faults::ClientOp& op) {
  std::int64_t drawn = 0;
  std::from_chars(op.value().data(), op.value().data() + op.value().size(), drawn);
  return drawn % 3'000 * kMillisecond;
}

}  // namespace

void Walker::Draw(sim::Rng& random, faults::ClientOp& op, const std::vector<const char*>& what) {
  // Cheap questions are asked often: each answer is judged.
  static const std::vector<const char*> kAll = {
      "read",  "read",    "read",   "stat",   "list",     "holds", "holds",
      "holds", "session", "absent", "write",  "write",    "lock",  "share",
      "try",   "delay",   "unlock", "unlock", "announce", "close", "delete"};
  const std::vector<const char*>& ops = what.empty() ? kAll : what;
  op.set_op(ops[random.Below(ops.size())]);
  op.set_key(fmt::format("{}", random.Below(3)));
  op.set_value(fmt::format("{}", random.Below(1'000'000)));
  op.set_think_ns(random.Below(4) == 0 ? random.Between(0, 300 * kMillisecond)
                                       : random.Between(0, 20 * kMillisecond));
}

void Walker::DoNext() {
  if (queue_.empty()) return;
  sim::World& world = room_.world();
  world.At(world.now() + queue_.front()->think_ns(), [this] { Do(*queue_.front()); });
}

void Walker::Finish(const absl::Status& status) {
  doing_ = nullptr;
  // Its session has ended, or it has died: it begins anew.
  if (absl::IsUnauthenticated(status) || absl::IsUnavailable(status)) handles_.clear();
  if (absl::IsUnavailable(status)) {
    sim::World& world = room_.world();
    world.At(world.now() + 100 * kMillisecond, [this] { DoNext(); });
  } else {
    DoNext();
  }
}

void Walker::Open(const std::string& key, bool create, bool ephemeral) {
  lock::OpenRequest request;
  request.set_path(LockRoom::Path(key));
  request.set_write(true);
  request.set_create(create ? lock::OpenRequest::IF_ABSENT : lock::OpenRequest::MUST_EXIST);
  request.set_ephemeral(ephemeral);
  room_.world().Invoke<lock::OpenRequest, lock::OpenResponse>(
      client_, user::kOpen, request, [this, key](const absl::StatusOr<lock::OpenResponse>& open) {
        if (open.ok() && open->handle() != 0) handles_[key] = open->handle();
        Finish(open.status());
      });
}

std::string Walker::WaitsFor() const {
  if (doing_ == nullptr) return fmt::format("node {} has not been asked for anything", client_);
  return fmt::format("node {} has not answered \"{} {}\" of its user", client_, doing_->op(),
                     doing_->key());
}

void Walker::Do(const faults::ClientOp& op) {
  queue_.pop_front();
  doing_ = &op;
  if (op.op() == "session") return Ask(user::kGetSession, lock::GetSessionRequest());
  if (op.op() == "absent") return Open("e-" + op.key(), false, false);
  if (op.op() == "announce") return Open("e-" + op.key(), true, true);
  if (op.op() == "list") {
    const auto root = handles_.find("");
    if (root != handles_.end()) return Ask(user::kReadDir, Of<lock::ReadDirRequest>(root->second));
    lock::OpenRequest request;
    request.set_path("/ls/local");
    room_.world().Invoke<lock::OpenRequest, lock::OpenResponse>(
        client_, user::kOpen, request, [this](const absl::StatusOr<lock::OpenResponse>& open) {
          if (open.ok()) handles_[""] = open->handle();
          Finish(open.status());
        });
    return;
  }
  const auto open = handles_.find(op.key());
  if (open == handles_.end()) return Open(op.key(), true, false);
  DoWithHandle(op, open->second);
}

void Walker::Compare(const faults::ClientOp& op, std::uint64_t handle) {
  room_.world().Invoke<lock::GetContentsAndStatRequest, lock::GetContentsAndStatResponse>(
      client_, user::kGetContentsAndStat, Of<lock::GetContentsAndStatRequest>(handle),
      [this, handle, value = op.value()](const auto& read) {
        if (!read.ok()) return Finish(read.status());
        auto request = Of<lock::SetContentsRequest>(handle);
        request.set_contents(value);
        request.set_if_generation(read->stat().content_generation());
        Ask(user::kSetContents, request);
      });
}

void Walker::DoWithHandle(const faults::ClientOp& op, std::uint64_t handle) {
  if (op.op() == "read") {
    return Ask(user::kGetContentsAndStat, Of<lock::GetContentsAndStatRequest>(handle));
  }
  if (op.op() == "stat") return Ask(user::kGetStat, Of<lock::GetStatRequest>(handle));
  if (op.op() == "holds") return Ask(user::kHoldsLock, Of<lock::HoldsLockRequest>(handle));
  if (op.op() == "unlock") return Ask(user::kRelease, Of<lock::ReleaseRequest>(handle));
  if (op.op() == "write") {
    auto request = Of<lock::SetContentsRequest>(handle);
    request.set_contents(op.value());
    return Ask(user::kSetContents, request);
  }
  if (op.op() == "compare") return Compare(op, handle);
  if (op.op() == "try") {
    auto request = Of<lock::TryAcquireRequest>(handle);
    request.set_mode(lock::EXCLUSIVE);
    return Ask(user::kTryAcquire, request);
  }
  if (op.op() == "lock" || op.op() == "share" || op.op() == "delay") {
    auto request = Of<lock::AcquireRequest>(handle);
    request.set_mode(op.op() == "share" ? lock::SHARED : lock::EXCLUSIVE);
    request.set_patience_ns(kLockPatience);
    request.set_lock_delay_ns(op.op() == "delay" ? LockDelayOf(op) : 0);
    return Ask(user::kAcquire, request);
  }
  handles_.erase(op.key());
  if (op.op() == "close") return Ask(user::kClose, Of<lock::CloseRequest>(handle));
  Ask(user::kDelete, Of<lock::DeleteRequest>(handle));
}

}  // namespace quorum::grader::locks
