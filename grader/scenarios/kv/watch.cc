#include "grader/scenarios/kv/watch.h"

#include "grader/scenarios/parse.h"

namespace quorum::grader::kv {
void Watch::OnSend(const sim::Message& message, std::string_view path) {
  if (path != quorum::kv::kWrite.path) return;
  if (!message.is_response) {
    const WriteRequest& request = asked_[message.id] = Parse<WriteRequest>(message.payload);
    for (Rule* rule : rules_) rule->Asks(message.from, request);
    return;
  }
  const auto asked = asked_.find(sim::RequestOf(message.id));
  if (asked == asked_.end() || !message.status.ok()) return;
  const auto response = Parse<WriteResponse>(message.payload);
  for (Rule* rule : rules_) rule->Answers(message.from, asked->second, response);
}

void Watch::OnDeliver(const sim::Message& message, std::string_view path) {
  if (path != quorum::kv::kWrite.path || !message.is_response || !message.status.ok()) return;
  const auto asked = asked_.find(sim::RequestOf(message.id));
  if (asked == asked_.end()) return;
  const auto response = Parse<WriteResponse>(message.payload);
  for (Rule* rule : rules_) rule->Hears(message.to, asked->second, response);
}

void Watch::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                     std::string_view request) {
  if (path == quorum::kv::kGet.path) reads_[op] = Parse<GetRequest>(request);
  if (path != quorum::kv::kWrite.path) return;
  const WriteRequest& write = writes_[op] = Parse<WriteRequest>(request);
  if (node < kFirstClient) return;
  for (Rule* rule : rules_) rule->UserAsks(node, op, write);
}

void Watch::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                     const absl::Status& status, std::string_view response) {
  if (const auto read = reads_.extract(op)) {
    if (!status.ok()) return;
    for (Rule* rule : rules_) rule->Reads(node, read.mapped(), Parse<GetResponse>(response));
  }
  const auto write = writes_.extract(op);
  if (write.empty()) return;
  const auto written = status.ok() ? Parse<WriteResponse>(response) : WriteResponse();
  for (Rule* rule : rules_) {
    if (node >= kFirstClient) {
      rule->UserHears(node, op, write.mapped(), status, written);
    } else if (status.ok()) {
      rule->Answers(node, write.mapped(), written);
    }
  }
}

}  // namespace quorum::grader::kv
