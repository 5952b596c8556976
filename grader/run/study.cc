#include "grader/run/study.h"

#include <memory>
#include <utility>

#include "grader/faults/shrink.h"

namespace quorum::run {
namespace {

// A worker that dies costs about as much as playing so many events.
constexpr std::uint64_t kEventsOfADeath = 100'000;

/// Whether another run of the same plan can be expected to fail again in a process that survives.
bool CanBePlayedAgain(const RunResult& run) {
  switch (run.failure().kind()) {
    case FAILURE_VIOLATION:
    case FAILURE_CHECK:
    case FAILURE_EXCEPTION:
      return run.verdict() == RUN_FAILED;
    default:
      return false;
  }
}

bool CanShrink(const RunResult& run) {
  return CanBePlayedAgain(run) &&
         (run.plan().faults_drawn() || (run.plan().ops_drawn() && run.plan().ops_size() > 0));
}

faults::TrialOutcome OutcomeOf(const RunResult& result) {
  faults::TrialOutcome outcome;
  if (result.verdict() == RUN_FAILED) outcome.violated = result.failure().statement();
  const bool died = result.failure().kind() == FAILURE_DEATH;
  outcome.events = died ? kEventsOfADeath : result.events();
  outcome.drawn.assign(result.drawn().begin(), result.drawn().end());
  return outcome;
}

/// One study on its way. It lives in the closures of the jobs that it waits for.
class Studying : public std::enable_shared_from_this<Studying> {
 public:
  Studying(Pool& pool, Settings settings, const RunResult& run, const StudyOptions& options,
           std::function<void(const RunResult&)> done)
      : pool_(pool), settings_(std::move(settings)), options_(options), done_(std::move(done)) {
    run_ = run;
  }

  void Begin() {
    if (options_.shrink_events == 0 || !CanShrink(run_)) return Draw();
    shrinker_ = std::make_unique<faults::Shrinker>(run_.plan(), run_.failure().statement(),
                                                   options_.shrink_events);
    Shrink();
  }

 private:
  void Shrink() {
    const faults::Trial* trial = shrinker_->Next();
    if (trial == nullptr) {
      *run_.mutable_plan() = shrinker_->result().plan;
      return Draw();
    }
    Task task = TaskOf(trial->plan);
    task.set_events(trial->events);
    task.set_record_faults(trial->wants_drawn);
    Play(std::move(task), [self = shared_from_this()](const RunResult& result) {
      self->shrinker_->Tell(OutcomeOf(result));
      self->Shrink();
    });
  }

  void Draw() {
    const bool passed = run_.verdict() == RUN_PASSED;
    const bool has_world = run_.events() > 0;
    if (!has_world || (!passed && !CanBePlayedAgain(run_))) return done_(run_);
    Task task = TaskOf(run_.plan());
    if (passed) task.clear_plan();  // not told; the seed draws it again
    task.mutable_picture()->set_lines(options_.lines);
    Play(std::move(task), [self = shared_from_this()](const RunResult& result) {
      RunResult& run = self->run_;
      const bool same = result.verdict() == run.verdict() &&
                        result.failure().statement() == run.failure().statement();
      if (same) run = result;
      self->done_(run);
    });
  }

  Task TaskOf(const faults::Plan& plan) const {
    Task task;
    task.set_scenario(run_.scenario());
    task.set_seed(run_.seed());
    *task.mutable_plan() = plan;
    return task;
  }

  void Play(Task task, std::function<void(const RunResult&)> done) {
    pool_.AddNext(
        {.task = std::move(task), .settings = settings_, .wanted = {}, .done = std::move(done)});
  }

  Pool& pool_;
  const Settings settings_;
  const StudyOptions options_;
  const std::function<void(const RunResult&)> done_;
  std::unique_ptr<faults::Shrinker> shrinker_;
  RunResult run_;
};

}  // namespace

void Study(Pool& pool, const Settings& settings, const RunResult& run, const StudyOptions& options,
           std::function<void(const RunResult&)> done) {
  std::make_shared<Studying>(pool, settings, run, options, std::move(done))->Begin();
}

}  // namespace quorum::run
