#include "grader/run/campaign.h"

#include <utility>

#include "grader/run/play.h"

namespace quorum::run {

Campaign::Campaign(Pool& pool, Seeds seeds, std::function<void(const Outcome&)> report)
    : pool_(pool), seeds_(seeds), report_(std::move(report)) {}

void Campaign::Add(const grader::Scenario& scenario, const Settings& settings) {
  entries_.emplace_back(pool_, scenario, settings, seeds_, [this] {
    ShowProgress();
    Advance();
  });
}

void Campaign::AddDecided(Outcome outcome) { entries_.emplace_back(std::move(outcome)); }

void Campaign::OnProgress(std::function<void(std::uint64_t, std::uint64_t)> progress) {
  progress_ = std::move(progress);
}

void Campaign::Run() {
  Advance();
  pool_.Run();
}

void Campaign::StudyOne(Entry& entry) {
  entry.studying = true;
  Outcome& outcome = entry.trial.outcome();
  const bool passed = !outcome.deciding;
  const bool wanted = studies_ && outcome.seeds_run > 0 && (!passed || studies_->lines == 0);
  if (!wanted) {
    entry.studied = true;
    return;
  }
  RunResult run;
  if (passed) {
    run.set_scenario(FullName(*outcome.scenario));
    run.set_seed(seeds_.first);
    run.set_verdict(RUN_PASSED);
    run.set_events(outcome.events);
  } else {
    run = *outcome.deciding;
  }
  const auto& settings = entry.trial.settings();
  Study(pool_, settings, run, *studies_, [this, &entry, passed](const RunResult& studied) {
    (passed ? entry.trial.outcome().shown : entry.trial.outcome().deciding) = studied;
    entry.studied = true;
    Advance();
  });
}

void Campaign::Advance() {
  for (Entry& entry : entries_) {
    if (entry.trial.decided() && !entry.studying) StudyOne(entry);
  }
  while (reported_ < entries_.size() && entries_[reported_].studied) {
    report_(entries_[reported_++].trial.outcome());
  }
}

void Campaign::ShowProgress() const {
  if (!progress_) return;
  std::uint64_t done = 0;
  std::uint64_t of = 0;
  for (const Entry& entry : entries_) {
    done += entry.trial.done();
    of += entry.trial.count();
  }
  progress_(done, of);
}

}  // namespace quorum::run
