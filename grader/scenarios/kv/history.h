#pragma once

#include <map>
#include <set>

#include "grader/check/linearizability/history.h"
#include "grader/scenarios/kv/facts.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::kv {

/// What users have asked and been told, whether they have asked a client or a server. At the end it
/// is judged as a whole, key by key.
class History final : public sim::Monitor {
 public:
  /// Ends the run as a violation unless one order of all operations explains every answer.
  void Judge(Stage& stage) const;
  /// What was appended to `key` and acknowledged, part by part.
  std::set<std::string> Acknowledged(const std::string& key) const;
  const std::set<std::string>& keys() const { return keys_; }
  /// How many operations have begun and not ended.
  int pending() const { return pending_; }

  // sim::Monitor.
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;

 private:
  check::Operation& Begin(std::uint64_t op, const WriteRequest& request);

  /// By what tells them apart: a user who asks a server again, under the same id, asks for the same
  /// operation.
  std::map<std::uint64_t, check::Operation> operations_;
  std::map<Number, std::uint64_t> numbered_;          // those that users have numbered themselves
  std::map<std::uint64_t, std::uint64_t> under_way_;  // which operation the world's is about
  std::set<std::string> keys_;
  std::int64_t clock_ = 0;
  int pending_ = 0;
};

}  // namespace quorum::grader::kv
