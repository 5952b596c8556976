#include "grader/run/campaign.h"

#include <utility>

namespace quorum::run {

Campaign::Campaign(Pool& pool, Seeds seeds, std::function<void(const Outcome&)> report)
    : pool_(pool), seeds_(seeds), report_(std::move(report)) {}

void Campaign::Add(const grader::Scenario& scenario, const Settings& settings) {
  trials_.emplace_back(pool_, scenario, settings, seeds_, [this] {
    ShowProgress();
    Advance();
  });
}

void Campaign::AddDecided(Outcome outcome) { trials_.emplace_back(std::move(outcome)); }

void Campaign::OnProgress(std::function<void(std::uint64_t, std::uint64_t)> progress) {
  progress_ = std::move(progress);
}

void Campaign::Run() {
  Advance();
  pool_.Run();
}

void Campaign::Advance() {
  while (reported_ < trials_.size() && trials_[reported_].decided()) {
    report_(trials_[reported_++].outcome());
  }
}

void Campaign::ShowProgress() const {
  if (!progress_) return;
  std::uint64_t done = 0;
  std::uint64_t of = 0;
  for (const Trial& trial : trials_) {
    done += trial.done();
    of += trial.count();
  }
  progress_(done, of);
}

}  // namespace quorum::run
