#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "grader/check/linearizability/history.h"
#include "grader/scenarios/hash_ring/cache_facts.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::cache {

/// What the users of a cache have asked and been told. At the end of a run it is judged as a whole:
/// key by key there must be one order of all operations that explains every answer.
class UserHistory final : public sim::Monitor {
 public:
  /// `facts` has to watch the world before this does.
  explicit UserHistory(const Facts& facts) : facts_(facts) {}

  /// Ends the run as a violation unless all gets but the excused ones are explained.
  ///
  /// Excused is a get that was answered by a primary which had not heard of a new ring: what has
  /// been acknowledged in the new ring it may miss. `ReadsSeeAcknowledged` judges what it does see.
  void Judge(Stage& stage) const;

  /// How many gets were excused.
  int excused() const { return excused_; }
  /// How many operations have begun and not ended.
  int pending() const { return pending_; }

  // sim::Monitor.
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;
  void OnSend(const sim::Message& message, std::string_view path) override;

 private:
  const Facts& facts_;
  std::map<std::uint64_t, check::Operation> operations_;  // by number
  /// Reads that missed something, by who asked, and the key: the version that was read.
  std::map<std::pair<NodeId, std::string>, std::set<Stamp>> stale_reads_;
  std::int64_t clock_ = 0;
  int excused_ = 0;
  int pending_ = 0;
};

}  // namespace quorum::grader::cache
