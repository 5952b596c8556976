#include "grader/run/trial.h"

#include <algorithm>
#include <utility>

#include "grader/run/determinism.h"
#include "grader/run/play.h"

namespace quorum::run {
namespace {

// So many of the first seeds are played twice, whatever comes of them.
constexpr std::uint64_t kPlayedTwice = 2;
// So many runs of a trial wait in the pool: enough for all processes, and not a million.
constexpr std::uint64_t kQueued = 64;

bool IsDecisive(const RunResult& result) {
  return result.verdict() == RUN_FAILED || result.verdict() == RUN_GRADER_FAULT;
}

/// Whether a second run could show that the first one was chance. A death is what it is, even when
/// memory gone wrong does not show twice.
bool NeedsSecond(std::uint64_t i, const RunResult& first) {
  const FailureKind kind = first.failure().kind();
  if (kind == FAILURE_DEATH || kind == FAILURE_NOT_WRITTEN || kind == FAILURE_REFUSED) return false;
  return i < kPlayedTwice || first.verdict() == RUN_FAILED;
}

}  // namespace

Trial::Trial(Pool& pool, const grader::Scenario& scenario, Settings settings, Seeds seeds,
             std::function<void()> changed)
    : pool_(&pool),
      settings_(std::move(settings)),
      changed_(std::move(changed)),
      first_seed_(seeds.first),
      count_(seeds.count != 0 ? seeds.count : static_cast<std::uint64_t>(scenario.seeds)),
      lowest_(count_) {
  outcome_.scenario = &scenario;
  while (queued_ < std::min(count_, kQueued)) QueueRun(queued_++, false);
}

Job Trial::MakeJob(std::uint64_t i) const {
  Job job;
  job.task.set_scenario(FullName(*outcome_.scenario));
  job.task.set_seed(first_seed_ + i);
  job.settings = settings_;
  job.wanted = [this, i] { return !decided_ && i <= lowest_; };
  return job;
}

void Trial::QueueRun(std::uint64_t i, bool next) {
  Job job = MakeJob(i);
  job.done = [this, i](const RunResult& result) { OnRun(i, result); };
  if (next) {
    pool_->AddNext(std::move(job));
  } else {
    pool_->Add(std::move(job));
  }
}

void Trial::QueueSecond(std::uint64_t i) {
  if (std::exchange(runs_[i].second_asked, true)) return;
  Job job = MakeJob(i);
  job.settings = Perturbed(settings_);
  job.done = [this, i](const RunResult& result) { OnSecond(i, result); };
  pool_->AddNext(std::move(job));
}

void Trial::OnRun(std::uint64_t i, const RunResult& result) {
  ++done_;
  if (decided_) return;
  if (queued_ < count_ && queued_ <= lowest_) QueueRun(queued_++, true);
  Lower(i, result);
  runs_[i].first = result;
  Settle();
  changed_();
}

void Trial::OnSecond(std::uint64_t i, const RunResult& result) {
  if (decided_) return;
  Lower(i, result);
  runs_[i].second = result;
  Settle();
  changed_();
}

void Trial::Lower(std::uint64_t i, const RunResult& result) {
  if (IsDecisive(result)) lowest_ = std::min(lowest_, i);
}

void Trial::Settle() {
  while (!decided_ && !inquiring_ && settled_ < count_) {
    const std::uint64_t i = settled_;
    if (!SettleRun(i)) return;
    ++settled_;
    Account(*runs_[i].first);
    runs_.erase(i);
    if (i == lowest_) return Decide();
  }
  if (!decided_ && settled_ == count_) Decide();
}

/// Whether all is known about seed `i`; asks for what is missing.
bool Trial::SettleRun(std::uint64_t i) {
  const Run& run = runs_[i];
  if (!run.first) return false;
  if (!NeedsSecond(i, *run.first)) return true;
  if (!run.second) {
    QueueSecond(i);
    return false;
  }
  if (SameRun(*run.first, *run.second)) return true;
  Disagree(i);
  return false;
}

void Trial::Disagree(std::uint64_t i) {
  Run& run = runs_[i];
  lowest_ = i;
  inquiring_ = true;
  const auto conclude = [this, i](const RunResult& result) {
    runs_[i].first = result;
    Account(result);
    settled_ = i + 1;
    Decide();
    changed_();
  };
  // That one of them died is the clearer failure.
  if (run.second->failure().kind() == FAILURE_DEATH) return conclude(RunResult(*run.second));
  Diagnose(*pool_, MakeJob(i).task, settings_, *run.first, *run.second, conclude);
}

void Trial::Account(const RunResult& result) {
  outcome_.seeds_run++;
  outcome_.events += result.events();
  outcome_.reached += result.reached();
  outcome_.simulated_ns += result.simulated_ns();
  outcome_.wall_ns += result.wall_ns();
  for (const std::string& what : result.observed()) ++outcome_.observed[what];
  const bool gave_up = result.verdict() == RUN_INCONCLUSIVE;
  if (IsDecisive(result) || (gave_up && !outcome_.deciding)) outcome_.deciding = result;
}

void Trial::Decide() {
  decided_ = true;
  for (const char* what : outcome_.scenario->must_observe) {
    if (!outcome_.observed.contains(what)) outcome_.unobserved.emplace_back(what);
  }
  outcome_.verdict = Judge();
  runs_.clear();
}

Outcome::Verdict Trial::Judge() const {
  const std::optional<RunResult>& deciding = outcome_.deciding;
  if (deciding && deciding->verdict() == RUN_GRADER_FAULT) return Outcome::Verdict::kGraderFault;
  if (outcome_.scenario->points == 0) return Outcome::Verdict::kDemonstration;
  if (deciding && deciding->verdict() == RUN_FAILED) return Outcome::Verdict::kFailed;
  if (deciding || !outcome_.unobserved.empty()) return Outcome::Verdict::kInconclusive;
  return Outcome::Verdict::kPassed;
}

}  // namespace quorum::run
