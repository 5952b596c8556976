#pragma once

#include <map>
#include <vector>

#include "grader/scenarios/kv/rule.h"

namespace quorum::grader::kv {

/// Understands the messages of kv.proto and the operations of users, and tells the rules.
class Watch final : public sim::Monitor {
 public:
  void Add(Rule& rule) { rules_.push_back(&rule); }

  void OnSend(const sim::Message& message, std::string_view path) override;
  void OnDeliver(const sim::Message& message, std::string_view path) override;
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;

 private:
  std::vector<Rule*> rules_;
  std::map<std::uint64_t, WriteRequest> asked_;   // by message
  std::map<std::uint64_t, WriteRequest> writes_;  // by operation
  std::map<std::uint64_t, GetRequest> reads_;     // by operation
};

}  // namespace quorum::grader::kv
