#include "grader/scenarios/hash_ring/cache_history.h"

#include <fmt/format.h>

#include "grader/check/linearizability/explain.h"
#include "grader/check/linearizability/linearizability.h"
#include "grader/scenarios/hash_ring/cache_statements.h"
#include "grader/scenarios/parse.h"

namespace quorum::grader::cache {
namespace {

using hash_ring::kAppend;
using hash_ring::kDelete;
using hash_ring::kGet;
using hash_ring::kPut;

}  // namespace

void UserHistory::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                           std::string_view request) {
  check::Operation operation;
  operation.client = node;
  operation.call = ++clock_;
  if (path == kPut.path) {
    const auto put = Parse<hash_ring::PutRequest>(request);
    operation.op = check::OpKind::kPut;
    operation.key = put.key();
    operation.value = put.value();
  } else if (path == kAppend.path) {
    const auto append = Parse<hash_ring::AppendRequest>(request);
    operation.op = check::OpKind::kAppend;
    operation.key = append.key();
    operation.value = append.value();
  } else if (path == kDelete.path) {
    operation.op = check::OpKind::kPut;  // the model's absent key is the empty string
    operation.key = Parse<hash_ring::DeleteRequest>(request).key();
  } else if (path == kGet.path) {
    operation.key = Parse<hash_ring::GetRequest>(request).key();
  } else {
    return;
  }
  operations_[op] = operation;
  ++pending_;
}

void UserHistory::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                           const absl::Status& status, std::string_view response) {
  const auto found = operations_.find(op);
  if (found == operations_.end()) return;
  --pending_;
  check::Operation& operation = found->second;
  if (!status.ok()) return;  // nobody can say what became of it
  operation.ret = ++clock_;
  if (path != kGet.path) return;
  const auto got = Parse<hash_ring::GetResponse>(response);
  if (got.found()) operation.result = got.value();
  const auto stale = stale_reads_.find({node, operation.key});
  if (stale != stale_reads_.end() && stale->second.contains(StampOf(got.version()))) {
    operation.ret.reset();
    ++excused_;
  }
}

void UserHistory::OnSend(const sim::Message& message, std::string_view) {
  const Exchange* read = facts_.answered();
  if (read == nullptr || !read->served || read->path != hash_ring::kRead.path) return;
  const auto newest = facts_.NewestAcknowledged(read->key, read->asked_at, UINT64_MAX);
  if (read->version < newest.version) stale_reads_[{message.to, read->key}].insert(read->version);
}

void UserHistory::Judge(Stage& stage) const {
  check::History history;
  for (const auto& [number, operation] : operations_) history.push_back(operation);
  const check::CheckResult result = check::CheckHistory(history, check::Model::kKv);
  if (result.verdict == check::Verdict::kUnknown) {
    throw Inconclusive{"The check of the users' history has spent its budget."};
  }
  stage.Require(kOneOrder, result.verdict == check::Verdict::kLinearizable,
                check::Explain(result, /*simulated=*/true));
}

}  // namespace quorum::grader::cache
