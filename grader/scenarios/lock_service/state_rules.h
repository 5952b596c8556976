#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "grader/check/invariant.h"
#include "grader/scenarios/lock_service/cell.h"
#include "grader/scenarios/lock_service/statements.h"

namespace quorum::grader::locks {

/// What commands may take from a session that lives, and what only its end may.
class LiveSessionsLoseNothing final : public Invariant, public CellListener {
 public:
  LiveSessionsLoseNothing(sim::World& world, const Cell& cell);
  void Changed(const State& before, const State& after) override;

 private:
  const Cell& cell_;
};

/// What has been given a number keeps it for itself.
class NumbersAreNew final : public Invariant, public CellListener {
 public:
  explicit NumbersAreNew(sim::World& world);
  void Changed(const State& before, const State& after) override;

 private:
  std::set<std::uint64_t> sessions_;
  std::set<std::uint64_t> handles_;
  std::uint64_t instance_ = 0;
};

/// Whoever asks again changes nothing, and what was answered stays the answer.
class ExactlyOnce final : public Invariant, public CellListener {
 public:
  ExactlyOnce(sim::World& world, const Cell& cell);
  void Changed(const State& before, const State& after) override;

 private:
  const Cell& cell_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> executed_;  // sessions' numbers
};

}  // namespace quorum::grader::locks
