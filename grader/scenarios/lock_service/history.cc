#include "grader/scenarios/lock_service/history.h"

#include "grader/check/linearizability/explain.h"
#include "grader/check/linearizability/linearizability.h"
#include "grader/scenarios/parse.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;

constexpr Statement kLinearizable = {
    "lock.linearizable",
    "To its users the cell looks like a single server that does one thing at a time: reads, writes "
    "and comparisons of generations, and locks that are taken and released.",
    "Herlihy and Wing 1990; Chubby, section 2.2; lab 4"};

bool Is(std::string_view path, std::string_view method) {
  return path.ends_with(method) && path[path.size() - method.size() - 1] == '/';
}

/// Whether an error says that nothing was done.
bool SaysNo(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsNotFound(status) ||
         absl::IsInvalidArgument(status) || absl::IsPermissionDenied(status);
}

}  // namespace

std::string History::PathOf(const Handle& handle) const {
  const auto found = handles_.find(handle);
  return found == handles_.end() ? "" : found->second;
}

void History::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                       std::string_view request) {
  Begun begun;
  begun.operation.client = node;
  begun.operation.call = ++clock_;
  begun.judged = true;
  if (Is(path, "Open")) {
    begun.opens = Parse<lock::OpenRequest>(request).path();
    begun.judged = false;
  } else if (Is(path, "GetContentsAndStat")) {
    begun.handle = {node, Parse<lock::GetContentsAndStatRequest>(request).handle()};
    begun.operation.key = PathOf(begun.handle);
  } else if (Is(path, "SetContents")) {
    BeginWrite(node, begun, request);
  } else if (Is(path, "Acquire")) {
    begun.handle = {node, Parse<lock::AcquireRequest>(request).handle()};
    BeginAcquire(begun, op);
  } else if (Is(path, "TryAcquire")) {
    begun.handle = {node, Parse<lock::TryAcquireRequest>(request).handle()};
    BeginAcquire(begun, op);
  } else if (Is(path, "Release")) {
    begun.handle = {node, Parse<lock::ReleaseRequest>(request).handle()};
    BeginRelease(begun);
  } else if (Is(path, "Close")) {
    begun.handle = {node, Parse<lock::CloseRequest>(request).handle()};
    BeginRelease(begun);
  } else {
    return;
  }
  begun_[op] = std::move(begun);
}

void History::BeginWrite(NodeId node, Begun& begun, std::string_view request) {
  const auto write = Parse<lock::SetContentsRequest>(request);
  begun.handle = {node, write.handle()};
  begun.operation.key = PathOf(begun.handle);
  begun.operation.op = check::OpKind::kPut;
  begun.operation.value = write.contents();
  if (!write.has_if_generation()) return;
  begun.operation.op = check::OpKind::kCas;
  // Whoever names a generation has read it.
  begun.operation.expect = seen_[{begun.operation.key, write.if_generation()}];
}

void History::BeginAcquire(Begun& begun, std::uint64_t op) {
  begun.operation.key = PathOf(begun.handle) + " (lock)";
  begun.operation.op = check::OpKind::kCas;
  begun.operation.expect = "";
  begun.operation.value =
      "operation " + std::to_string(op) + " of node " + std::to_string(begun.handle.first);
}

void History::BeginRelease(Begun& begun) {
  const auto hold = holds_.find(begun.handle);
  begun.releases = true;
  begun.judged = hold != holds_.end();
  if (!begun.judged) return;
  begun.operation.key = PathOf(begun.handle) + " (lock)";
  begun.operation.op = check::OpKind::kCas;
  begun.operation.expect = hold->second.token;
}

void History::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                       const absl::Status& status, std::string_view response) {
  const auto ended = begun_.extract(op);
  if (ended.empty()) return;
  ++clock_;
  Begun& begun = ended.mapped();
  if (absl::IsUnauthenticated(status)) LoseAll(node);  // all that the session had is going
  if (SaysNo(status)) return;
  if (!status.ok()) return Keep(std::move(begun), false);
  if (!begun.opens.empty()) {
    const std::uint64_t handle = Parse<lock::OpenResponse>(response).handle();
    if (handle != 0) handles_[{node, handle}] = begun.opens;
  }
  if (!begun.judged) return;
  if (begun.releases) {
    begun.operation.swapped = true;
    holds_.erase(begun.handle);
    return Keep(std::move(begun), true);
  }
  if (Is(path, "GetContentsAndStat")) return EndRead(begun, response);
  if (Is(path, "SetContents")) return EndWrite(begun, response);
  EndAcquire(begun, path, response);
}

void History::EndRead(Begun& begun, std::string_view response) {
  const auto read = Parse<lock::GetContentsAndStatResponse>(response);
  begun.operation.result = read.contents();
  seen_[{begun.operation.key, read.stat().content_generation()}] = read.contents();
  Keep(std::move(begun), true);
}

void History::EndWrite(Begun& begun, std::string_view response) {
  const auto write = Parse<lock::SetContentsResponse>(response);
  begun.operation.swapped = begun.operation.op == check::OpKind::kCas && write.written();
  if (write.written()) {
    seen_[{begun.operation.key, write.stat().content_generation()}] = begun.operation.value;
  }
  Keep(std::move(begun), true);
}

void History::EndAcquire(Begun& begun, std::string_view path, std::string_view response) {
  begun.operation.swapped = Parse<lock::AcquireResponse>(response).acquired();
  if (begun.operation.swapped) holds_[begun.handle] = {begun.operation.value, clock_};
  // Who has given up says nothing of the lock at any one instant.
  if (!begun.operation.swapped && Is(path, "Acquire")) return;
  Keep(std::move(begun), true);
}

void History::Keep(Begun&& begun, bool known) {
  if (!begun.judged) return;
  if (known) begun.operation.ret = clock_;
  const bool acquires = begun.operation.op == check::OpKind::kCas && !begun.releases &&
                        begun.operation.key.ends_with(" (lock)");
  // A lock that was perhaps acquired may end with its session.
  if (!known && acquires) {
    check::Operation end = begun.operation;
    end.expect = begun.operation.value;
    end.value = "";
    history_.push_back(std::move(end));
  }
  history_.push_back(std::move(begun.operation));
}

void History::LoseAll(NodeId node) {
  for (const auto& [handle, hold] : holds_) {
    if (handle.first == node) history_.push_back(EndOf(handle, hold));
  }
  std::erase_if(holds_, [&](const auto& entry) { return entry.first.first == node; });
}

check::Operation History::EndOf(const Handle& handle, const Hold& hold) const {
  check::Operation end;
  end.client = handle.first;
  end.key = PathOf(handle) + " (lock)";
  end.op = check::OpKind::kCas;
  end.expect = hold.token;
  end.call = hold.since;
  return end;
}

void History::Judge(Stage& stage) const {
  check::History history = history_;
  for (const auto& [op, begun] : begun_) {
    if (begun.judged) history.push_back(begun.operation);
  }
  // A session may have ended unnoticed.
  for (const auto& [handle, hold] : holds_) history.push_back(EndOf(handle, hold));
  const check::CheckResult result = check::CheckHistory(history, check::Model::kKv);
  if (result.verdict == check::Verdict::kUnknown) {
    throw Inconclusive{"The users' history could not be judged within its budget."};
  }
  stage.Require(kLinearizable, result.verdict == check::Verdict::kLinearizable,
                check::Explain(result));
}

}  // namespace quorum::grader::locks
