#pragma once

#include <map>
#include <string>
#include <utility>

#include "grader/check/invariant.h"
#include "grader/scenarios/lock_service/cell.h"

namespace quorum::grader {
class Stage;
}

namespace quorum::grader::locks {

/// Something was answered from a client's cache.
inline constexpr char kCached[] = "a client answered from its cache";

/// Has all rules watch the stage's world; those that count on clocks only if `guarantee`.
void WatchRules(Stage& stage, Tap& tap, Cell& cell, bool guarantee);

/// Locks are held by who may hold them together.
class MutualExclusion final : public Invariant, public CellListener {
 public:
  explicit MutualExclusion(sim::World& world);
  void Changed(const State& before, const State& after) override;
};

/// Each acquisition of a free lock has a generation that no lock has had.
class FencingTokensRise final : public Invariant, public CellListener {
 public:
  explicit FencingTokensRise(sim::World& world);
  void Changed(const State& before, const State& after) override;

 private:
  std::uint64_t highest_ = 0;
};

/// What has ended left nothing behind.
class DeadSessionsOwnNothing final : public Invariant, public CellListener {
 public:
  explicit DeadSessionsOwnNothing(sim::World& world);
  void Changed(const State& before, const State& after) override;
};

/// What the library answers is so at the instant of the answer.
class Guarantee final : public Invariant {
 public:
  Guarantee(sim::World& world, Stage& stage, const Cell& cell);
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;

 private:
  /// An operation that is under way.
  struct Begun {
    sim::SimTime at = 0;
    std::string request;
    std::string node;            ///< the path that it is about
    std::uint64_t instance = 0;  ///< and what that was when it began; 0: absent
    std::uint64_t generation = 0;
  };

  void JudgeSession(NodeId node, std::string_view response);
  void JudgeLock(NodeId node, std::string_view response);
  void JudgeOpen(NodeId node, const Begun& begun, std::string_view response);
  void JudgeContents(NodeId node, const Begun& begun, std::string_view response);
  void JudgeStat(NodeId node, const Begun& begun, const quorum::lock_service::Stat& stat);
  void JudgeChildren(NodeId node, const Begun& begun, std::string_view response);
  std::string PathOf(NodeId node, std::string_view path, const std::string& request) const;

  Stage& stage_;
  const Cell& cell_;
  std::map<std::uint64_t, Begun> begun_;                             // by operation
  std::map<std::pair<NodeId, std::uint64_t>, std::string> handles_;  // their paths
};

}  // namespace quorum::grader::locks
