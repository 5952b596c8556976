#include "grader/run/campaign.h"

#include <algorithm>
#include <utility>

#include "grader/run/determinism.h"
#include "grader/run/play.h"

namespace quorum::run {
namespace {

using grader::Scenario;

// So many of the first seeds are played twice, whatever comes of them.
constexpr std::size_t kPlayedTwice = 2;

bool IsDecisive(const RunResult& result) {
  return result.verdict() == RUN_FAILED || result.verdict() == RUN_GRADER_FAULT;
}

/// Whether the failure is one that a second run can confirm, and is worth one.
bool IsWorthConfirming(const RunResult& result) {
  const FailureKind kind = result.failure().kind();
  return result.verdict() == RUN_FAILED && kind != FAILURE_NOT_WRITTEN && kind != FAILURE_REFUSED &&
         kind != FAILURE_DEATH;
}

}  // namespace

/// One scenario over its seeds, numbered from 0 here.
class Campaign::Trial {
 public:
  Trial(Campaign& campaign, const Scenario& scenario, Settings settings, Seeds seeds)
      : campaign_(campaign),
        settings_(std::move(settings)),
        first_seed_(seeds.first),
        count_(seeds.count != 0 ? seeds.count : static_cast<std::uint64_t>(scenario.seeds)),
        lowest_(count_),
        runs_(count_) {
    outcome_.scenario = &scenario;
    for (std::uint64_t i = 0; i < count_; ++i) {
      campaign_.pool_.Add(MakeJob(i, settings_, [this, i](const RunResult& r) { OnRun(i, r); }));
      if (i < kPlayedTwice) campaign_.pool_.Add(SecondJob(i));
    }
  }

  explicit Trial(Campaign& campaign, Outcome outcome)
      : campaign_(campaign), outcome_(std::move(outcome)), decided_(true) {}

  bool decided() const { return decided_; }
  const Outcome& outcome() const { return outcome_; }
  std::uint64_t done() const { return decided_ ? count_ : done_; }
  std::uint64_t count() const { return count_; }

 private:
  struct Run {
    std::optional<RunResult> first;
    std::optional<RunResult> second;
  };

  Job MakeJob(std::uint64_t i, Settings settings, std::function<void(const RunResult&)> done) {
    Job job;
    job.task.set_scenario(FullName(*outcome_.scenario));
    job.task.set_seed(first_seed_ + i);
    job.settings = std::move(settings);
    job.wanted = [this, i] { return i <= lowest_; };
    job.done = std::move(done);
    return job;
  }
  Job SecondJob(std::uint64_t i) {
    return MakeJob(i, Perturbed(settings_), [this, i](const RunResult& result) {
      runs_[i].second = result;
      if (IsDecisive(result)) lowest_ = std::min(lowest_, i);
      Settle();
    });
  }

  void OnRun(std::uint64_t i, const RunResult& result) {
    ++done_;
    campaign_.ShowProgress();
    if (IsDecisive(result)) lowest_ = std::min(lowest_, i);
    runs_[i].first = result;
    Settle();
  }

  /// Goes on once everything up to the lowest decisive seed is there.
  void Settle() {
    if (decided_ || inquiring_) return;
    const std::uint64_t end = std::min(lowest_ + 1, count_);
    while (complete_ < end && runs_[complete_].first) ++complete_;
    if (complete_ < end) return;
    const std::uint64_t twice = std::min<std::uint64_t>(kPlayedTwice, end);
    for (std::uint64_t i = 0; i < twice; ++i) {
      if (!runs_[i].second) return;
    }
    for (std::uint64_t i = 0; i < twice; ++i) {
      if (!SameRun(*runs_[i].first, *runs_[i].second)) return Disagree(i);
    }
    if (lowest_ < count_ && lowest_ >= kPlayedTwice) {
      const Run& run = runs_[lowest_];
      if (!run.second && IsWorthConfirming(*run.first)) return Confirm();
      if (run.second && !SameRun(*run.first, *run.second)) return Disagree(lowest_);
    }
    Decide();
  }

  void Confirm() {
    if (std::exchange(confirmed_, lowest_) == lowest_) return;  // on its way
    campaign_.pool_.AddNext(SecondJob(lowest_));
  }

  void Disagree(std::uint64_t i) {
    // A death is the clearer failure, and memory gone wrong need not show twice.
    for (const auto* result : {&runs_[i].first, &runs_[i].second}) {
      if ((*result)->failure().kind() != FAILURE_DEATH) continue;
      runs_[i].first = RunResult(**result);
      lowest_ = i;
      return Decide();
    }
    inquiring_ = true;
    lowest_ = i;
    Job job = MakeJob(i, settings_, {});
    Diagnose(campaign_.pool_, job.task, settings_, *runs_[i].first, *runs_[i].second,
             [this, i](const RunResult& result) {
               runs_[i].first = result;
               Decide();
             });
  }

  void Decide() {
    decided_ = true;
    outcome_.seeds_run = std::min(lowest_ + 1, count_);
    for (std::uint64_t i = 0; i < outcome_.seeds_run; ++i) Account(*runs_[i].first);
    for (const char* what : outcome_.scenario->must_observe) {
      if (!outcome_.observed.contains(what)) outcome_.unobserved.emplace_back(what);
    }
    outcome_.verdict = Judge();
    runs_.clear();
    campaign_.Advance();
  }

  void Account(const RunResult& result) {
    outcome_.events += result.events();
    outcome_.simulated_ns += result.simulated_ns();
    outcome_.wall_ns += result.wall_ns();
    for (const std::string& what : result.observed()) ++outcome_.observed[what];
    const bool gave_up = result.verdict() == RUN_INCONCLUSIVE;
    if (IsDecisive(result) || (gave_up && !outcome_.deciding)) outcome_.deciding = result;
  }

  Outcome::Verdict Judge() const {
    const std::optional<RunResult>& deciding = outcome_.deciding;
    if (deciding && deciding->verdict() == RUN_GRADER_FAULT) return Outcome::Verdict::kGraderFault;
    if (outcome_.scenario->points == 0) return Outcome::Verdict::kDemonstration;
    if (deciding && deciding->verdict() == RUN_FAILED) return Outcome::Verdict::kFailed;
    if (deciding || !outcome_.unobserved.empty()) return Outcome::Verdict::kInconclusive;
    return Outcome::Verdict::kPassed;
  }

  Campaign& campaign_;
  const Settings settings_;
  const std::uint64_t first_seed_ = 0;
  const std::uint64_t count_ = 0;
  std::uint64_t lowest_ = 0;    ///< the lowest seed known to decide; `count_` while there is none
  std::uint64_t complete_ = 0;  ///< all seeds below have been played
  std::uint64_t done_ = 0;
  std::vector<Run> runs_;
  Outcome outcome_;
  std::uint64_t confirmed_ = ~std::uint64_t{0};  ///< whose second run has been asked for
  bool inquiring_ = false;
  bool decided_ = false;
};

Campaign::Campaign(Pool& pool, Seeds seeds, std::function<void(const Outcome&)> report)
    : pool_(pool), seeds_(seeds), report_(std::move(report)) {}
Campaign::~Campaign() = default;

void Campaign::Add(const Scenario& scenario, const Settings& settings) {
  trials_.push_back(std::make_unique<Trial>(*this, scenario, settings, seeds_));
}

void Campaign::AddDecided(Outcome outcome) {
  trials_.push_back(std::make_unique<Trial>(*this, std::move(outcome)));
}

void Campaign::OnProgress(std::function<void(std::uint64_t, std::uint64_t)> progress) {
  progress_ = std::move(progress);
}

void Campaign::ShowProgress() const {
  if (!progress_) return;
  std::uint64_t done = 0;
  std::uint64_t of = 0;
  for (const auto& trial : trials_) {
    done += trial->done();
    of += trial->count();
  }
  progress_(done, of);
}

void Campaign::Run() {
  Advance();
  pool_.Run();
}

void Campaign::Advance() {
  while (reported_ < trials_.size() && trials_[reported_]->decided()) {
    report_(trials_[reported_++]->outcome());
  }
}

}  // namespace quorum::run
