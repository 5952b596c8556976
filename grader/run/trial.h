#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "grader/run/outcome.h"
#include "grader/run/pool.h"

namespace quorum::run {

/// Which seeds are played.
struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t count = 0;  ///< 0: what each scenario asks for
};

/// One scenario over its seeds, which are numbered from 0 here. A run that does not pass decides,
/// unless one of a lower seed does not pass either; higher seeds are then left out. So what comes
/// of it does not depend on how many processes play.
class Trial {
 public:
  /// Puts its first runs into `pool`; `changed` is called whenever a run is over.
  Trial(Pool& pool, const grader::Scenario& scenario, Settings settings, Seeds seeds,
        std::function<void()> changed);
  /// A trial that needs no runs.
  explicit Trial(Outcome outcome) : outcome_(std::move(outcome)), decided_(true) {}

  bool decided() const { return decided_; }
  /// Meaningful once it is decided.
  const Outcome& outcome() const { return outcome_; }
  Outcome& outcome() { return outcome_; }
  /// What its runs are played on.
  const Settings& settings() const { return settings_; }
  /// How many runs are done, and how many there may be.
  std::uint64_t done() const { return decided_ ? count_ : done_; }
  std::uint64_t count() const { return count_; }

 private:
  /// The same seed played twice, the second time in a process with another memory layout.
  struct Run {
    std::optional<RunResult> first;
    std::optional<RunResult> second;
    bool second_asked = false;
  };

  Job MakeJob(std::uint64_t i) const;
  void QueueRun(std::uint64_t i, bool next);
  void QueueSecond(std::uint64_t i);
  void OnRun(std::uint64_t i, const RunResult& result);
  void OnSecond(std::uint64_t i, const RunResult& result);
  void Lower(std::uint64_t i, const RunResult& result);
  void Settle();
  bool SettleRun(std::uint64_t i);
  void Disagree(std::uint64_t i);
  void Account(const RunResult& result);
  void Decide();
  Outcome::Verdict Judge() const;

  Pool* pool_ = nullptr;
  Settings settings_;
  std::function<void()> changed_;
  std::uint64_t first_seed_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t queued_ = 0;   ///< all seeds below have been put into the pool
  std::uint64_t settled_ = 0;  ///< all seeds below are accounted for
  std::uint64_t lowest_ = 0;   ///< the lowest seed known to decide; `count_` while there is none
  std::uint64_t done_ = 0;
  std::map<std::uint64_t, Run> runs_;  ///< played, or being played, and not settled
  Outcome outcome_;
  bool inquiring_ = false;  ///< into why two runs differ
  bool decided_ = false;
};

}  // namespace quorum::run
