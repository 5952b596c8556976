#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "grader/run/outcome.h"
#include "grader/run/pool.h"

namespace quorum::run {

/// Which seeds a campaign plays.
struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t count = 0;  ///< 0: what each scenario asks for
};

/// Plays scenarios over their seeds. For each: up to the lowest seed whose run does not pass; the
/// first seeds and the deciding one twice, the second time in a process with another memory layout,
/// to see that the run is the same.
class Campaign {
 public:
  /// `report` hears each outcome as soon as it is known, in the order of the calls of `Add`.
  Campaign(Pool& pool, Seeds seeds, std::function<void(const Outcome&)> report);
  ~Campaign();

  void Add(const grader::Scenario& scenario, const Settings& settings);
  /// The same, for a scenario that nothing has to be played for.
  void AddDecided(Outcome outcome);

  /// Called now and then with how many of the runs are done.
  void OnProgress(std::function<void(std::uint64_t done, std::uint64_t of)> progress);

  /// Plays everything that was added.
  void Run();

 private:
  class Trial;

  void Advance();
  void ShowProgress() const;

  Pool& pool_;
  const Seeds seeds_;
  const std::function<void(const Outcome&)> report_;
  std::function<void(std::uint64_t, std::uint64_t)> progress_;
  std::vector<std::unique_ptr<Trial>> trials_;
  std::size_t reported_ = 0;
};

}  // namespace quorum::run
