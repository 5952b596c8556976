#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "grader/run/outcome.h"
#include "grader/run/pool.h"
#include "grader/run/study.h"
#include "grader/run/trial.h"

namespace quorum::run {

/// Plays scenarios over their seeds, and reports what comes of each.
class Campaign {
 public:
  /// `report` hears each outcome as soon as it is known, in the order of the calls of `Add`.
  Campaign(Pool& pool, Seeds seeds, std::function<void(const Outcome&)> report);

  void Add(const grader::Scenario& scenario, const Settings& settings);
  /// The same, for a scenario that nothing has to be played for.
  void AddDecided(Outcome outcome);

  /// Hears after each run how many are done, and how many there may be.
  void OnProgress(std::function<void(std::uint64_t done, std::uint64_t of)> progress);

  /// From now on what a reader will want to see of the runs that decide is part of the outcome: the
  /// plan made small, and a diagram. With diagrams of all lines, passing scenarios show a run, too.
  void StudyRuns(const StudyOptions& options) { studies_ = options; }

  /// Plays everything that was added.
  void Run();

 private:
  /// A scenario, and what a reader will see of it.
  struct Entry {
    template <class... Args>
    explicit Entry(Args&&... args) : trial(std::forward<Args>(args)...) {}
    Trial trial;
    bool studying = false;
    bool studied = false;
  };

  void StudyOne(Entry& entry);
  void Advance();
  void ShowProgress() const;

  Pool& pool_;
  const Seeds seeds_;
  const std::function<void(const Outcome&)> report_;
  std::function<void(std::uint64_t, std::uint64_t)> progress_;
  std::optional<StudyOptions> studies_;
  std::deque<Entry> entries_;  // does not move them
  std::size_t reported_ = 0;
};

}  // namespace quorum::run
