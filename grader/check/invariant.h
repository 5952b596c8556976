#pragma once

#include <string>

#include "grader/check/statement.h"
#include "grader/sim/monitor.h"
#include "grader/sim/world.h"

namespace quorum::grader {

/// A rule that is watched from outside while a world runs: one sentence in English, and the check.
/// A subclass overrides what it wants to see of `sim::Monitor`.
class Invariant : public sim::Monitor {
 public:
  Invariant(sim::World& world, const Statement& statement) : world_(world), statement_(statement) {}

  const Statement& statement() const { return statement_; }

 protected:
  /// Ends the run: the rule is broken. `detail` says what was seen, `node` (0: none) whose doing it
  /// is.
  void Violated(std::string detail, NodeId node = 0) {
    world_.Fail({.kind = sim::Failure::Kind::kInvariant,
                 .name = statement_.name,
                 .sentence = statement_.sentence,
                 .source = statement_.source,
                 .detail = std::move(detail),
                 .node = node});
  }
  const sim::World& world() const { return world_; }

 private:
  sim::World& world_;
  Statement statement_;
};

}  // namespace quorum::grader
