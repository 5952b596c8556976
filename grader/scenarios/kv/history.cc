#include "grader/scenarios/kv/history.h"

#include "grader/check/linearizability/explain.h"
#include "grader/check/linearizability/linearizability.h"
#include "grader/scenarios/kv/statements.h"
#include "grader/scenarios/parse.h"

namespace quorum::grader::kv {
namespace {

check::Operation OperationOf(const WriteRequest& request) {
  check::Operation operation;
  operation.op = check::OpKind::kPut;  // of a deletion, too: the model's absent key is empty
  operation.key = request.key();
  if (request.has_put()) operation.value = request.put();
  if (request.has_append()) {
    operation.op = check::OpKind::kAppend;
    operation.value = request.append();
  }
  if (request.has_cas()) {
    operation.op = check::OpKind::kCas;
    operation.value = request.cas().value();
    if (request.cas().has_expected()) operation.expect = request.cas().expected();
  }
  return operation;
}

}  // namespace

check::Operation& History::Begin(std::uint64_t op, const WriteRequest& request) {
  std::uint64_t name = op;
  if (request.has_id()) name = numbered_.try_emplace(NumberOf(request.id()), op).first->second;
  under_way_[op] = name;
  const auto [found, fresh] = operations_.try_emplace(name, OperationOf(request));
  if (fresh) found->second.call = clock_;
  return found->second;
}

void History::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                       std::string_view request) {
  ++clock_;
  if (path == quorum::kv::kWrite.path) {
    check::Operation& operation = Begin(op, Parse<WriteRequest>(request));
    operation.client = node;
    keys_.insert(operation.key);
  } else if (path == quorum::kv::kGet.path) {
    check::Operation& operation = operations_[op];
    operation.client = node;
    operation.key = Parse<GetRequest>(request).key();
    operation.call = clock_;
    under_way_[op] = op;
  } else {
    return;
  }
  ++pending_;
}

void History::OnReturn(NodeId, std::uint64_t op, std::string_view path, const absl::Status& status,
                       std::string_view response) {
  const auto name = under_way_.extract(op);
  if (name.empty()) return;
  ++clock_;
  --pending_;
  check::Operation& operation = operations_.at(name.mapped());
  if (!status.ok()) return;  // nobody can say what became of it
  if (path == quorum::kv::kGet.path) {
    const auto got = Parse<GetResponse>(response);
    if (got.outcome() != quorum::kv::EXECUTED) return;
    if (got.found()) operation.result = got.value();
    operation.ret = clock_;
    return;
  }
  const auto written = Parse<WriteResponse>(response);
  if (written.outcome() != quorum::kv::EXECUTED || operation.ret) return;
  operation.swapped = operation.op == check::OpKind::kCas && written.done();
  operation.ret = clock_;
}

std::set<std::string> History::Acknowledged(const std::string& key) const {
  std::set<std::string> parts;
  for (const auto& [name, operation] : operations_) {
    const bool append = operation.op == check::OpKind::kAppend && operation.ret.has_value();
    if (append && operation.key == key) parts.insert(operation.value);
  }
  return parts;
}

void History::Judge(Stage& stage) const {
  check::History history;
  for (const auto& [name, operation] : operations_) history.push_back(operation);
  const check::CheckResult result = check::CheckHistory(history, check::Model::kKv);
  if (result.verdict == check::Verdict::kUnknown) {
    throw Inconclusive{"The users' history could not be judged within its budget."};
  }
  stage.Require(kLinearizable, result.verdict == check::Verdict::kLinearizable,
                check::Explain(result, /*simulated=*/true));
}

}  // namespace quorum::grader::kv
