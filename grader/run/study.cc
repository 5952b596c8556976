#include "grader/run/study.h"

#include <memory>
#include <string_view>
#include <utility>

#include "grader/faults/shrink.h"

namespace quorum::run {
namespace {

// A worker that dies costs about as much as playing so many events.
constexpr std::uint64_t kEventsOfADeath = 30'000;

bool Died(const RunResult& run) { return run.failure().kind() == FAILURE_DEATH; }

/// Whether the run can be expected to go the same way again, at least up to a known handler.
bool CanBePlayedAgain(const RunResult& run) {
  if (run.verdict() == RUN_PASSED) return run.events() > 0;
  switch (run.failure().kind()) {
    case FAILURE_VIOLATION:
    case FAILURE_CHECK:
    case FAILURE_EXCEPTION:
      return run.verdict() == RUN_FAILED;  // also of parts that are called, without a world
    case FAILURE_DEATH:
      return run.verdict() == RUN_FAILED && run.died_in_handler() > 0;
    default:
      return false;
  }
}

/// Whether there is something to take away, and trying takes little time: a process that hangs is
/// waited for each time.
bool CanShrink(const RunResult& run) {
  if (run.verdict() == RUN_PASSED) return false;
  const std::string_view statement = run.failure().statement();
  const bool quick = !Died(run) || statement == "process.crash" ||
                     statement == "process.terminate" || statement == "process.exit";
  const faults::Plan& plan = run.plan();
  return quick && (plan.faults_drawn() || plan.ops_size() > 0);
}

faults::TrialOutcome OutcomeOf(const RunResult& result) {
  faults::TrialOutcome outcome;
  if (result.verdict() == RUN_FAILED) outcome.violated = result.failure().statement();
  outcome.events = Died(result) ? kEventsOfADeath : result.events();
  outcome.drawn.assign(result.drawn().begin(), result.drawn().end());
  return outcome;
}

/// One study on its way. It lives in the closures of the jobs that it waits for.
class Studying : public std::enable_shared_from_this<Studying> {
 public:
  Studying(Pool& pool, Settings settings, const RunResult& run, const StudyOptions& options,
           std::function<void(const RunResult&)> done)
      : pool_(pool),
        settings_(std::move(settings)),
        options_(options),
        done_(std::move(done)),
        original_(run),
        run_(run) {}

  void Begin() {
    if (!CanBePlayedAgain(run_)) return done_(run_);
    if (Died(run_) && !run_.has_plan()) return LearnPlan();
    ShrinkOrDraw();
  }

 private:
  /// A process that died had no time to tell what it had drawn: one that stops before can.
  void LearnPlan() {
    Task task = TaskOfRun();
    task.set_record_faults(true);
    task.set_stop_before_handler(run_.died_in_handler());
    Play(std::move(task), [](Studying& self, const RunResult& result) {
      if (!result.has_plan()) return self.done_(self.run_);
      const std::vector<faults::MessageFault> drawn(result.drawn().begin(), result.drawn().end());
      *self.run_.mutable_plan() = faults::WithoutRates(result.plan(), drawn);
      self.ShrinkOrDraw();
    });
  }

  void ShrinkOrDraw() {
    if (options_.shrink_events == 0 || !CanShrink(run_)) return Draw();
    shrinker_ = std::make_unique<faults::Shrinker>(run_.plan(), run_.failure().statement(),
                                                   options_.shrink_events);
    Shrink();
  }

  void Shrink() {
    const faults::Trial* trial = shrinker_->Next();
    if (trial == nullptr) return PlayShrunk();
    *run_.mutable_plan() = trial->plan;
    Task task = TaskOfRun();
    task.set_events(trial->events);
    task.set_record_faults(trial->wants_drawn);
    Play(std::move(task), [](Studying& self, const RunResult& result) {
      self.shrinker_->Tell(OutcomeOf(result));
      self.Shrink();
    });
  }

  /// What is told is what the small plan brings about.
  void PlayShrunk() {
    *run_.mutable_plan() = shrinker_->result().plan;
    Play(TaskOfRun(), [](Studying& self, const RunResult& result) {
      const bool same = result.verdict() == self.original_.verdict() &&
                        result.failure().statement() == self.original_.failure().statement();
      self.run_ = same ? result : self.original_;
      self.Draw();
    });
  }

  void Draw() {
    if (run_.events() == 0 && !Died(run_)) return done_(run_);  // there is no world to draw
    Task task = TaskOfRun();
    task.mutable_picture()->set_lines(options_.lines);
    task.mutable_picture()->set_shiviz(options_.shiviz);
    if (Died(run_)) task.set_stop_before_handler(run_.died_in_handler());
    Play(std::move(task), [](Studying& self, const RunResult& result) {
      self.run_.set_diagram(result.diagram());
      self.run_.set_shiviz(result.shiviz());
      self.done_(self.run_);
    });
  }

  Task TaskOfRun() const {
    Task task;
    task.set_scenario(run_.scenario());
    task.set_seed(run_.seed());
    if (run_.has_plan()) *task.mutable_plan() = run_.plan();
    return task;
  }

  void Play(Task task, void (*heard)(Studying&, const RunResult&)) {
    pool_.AddNext({.task = std::move(task),
                   .settings = settings_,
                   .wanted = {},
                   .done = [self = shared_from_this(), heard](const RunResult& result) {
                     heard(*self, result);
                   }});
  }

  Pool& pool_;
  const Settings settings_;
  const StudyOptions options_;
  const std::function<void(const RunResult&)> done_;
  std::unique_ptr<faults::Shrinker> shrinker_;
  const RunResult original_;
  RunResult run_;
};

}  // namespace

void Study(Pool& pool, const Settings& settings, const RunResult& run, const StudyOptions& options,
           std::function<void(const RunResult&)> done) {
  std::make_shared<Studying>(pool, settings, run, options, std::move(done))->Begin();
}

}  // namespace quorum::run
