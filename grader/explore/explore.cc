#include "grader/explore/explore.h"

#include <chrono>
#include <string>

#include "absl/strings/str_cat.h"
#include "grader/explore/drive.h"
#include "grader/explore/trace_text.h"

namespace quorum::explore {
namespace {

constexpr std::uint32_t kLongestWalk = 2'000;
// How far to look for a trace that is shorter than the one that a walk has found.
constexpr std::uint64_t kStatesForShorter = 2'000'000;

run::FailureKind KindOf(const Breach& breach) {
  if (!breach.failure) return run::FAILURE_VIOLATION;
  switch (breach.failure->kind) {
    case sim::Failure::Kind::kCheck:
      return run::FAILURE_CHECK;
    case sim::Failure::Kind::kNotWritten:
      return run::FAILURE_NOT_WRITTEN;
    case sim::Failure::Kind::kException:
      return run::FAILURE_EXCEPTION;
    case sim::Failure::Kind::kInvariant:
      return run::FAILURE_NONDETERMINISM;
    case sim::Failure::Kind::kBudget:
      break;
  }
  return run::FAILURE_VIOLATION;
}

class Stopwatch {
 public:
  std::int64_t Nanoseconds() const { return (std::chrono::steady_clock::now() - begin_).count(); }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// One exploration on its way.
class Explorer {
 public:
  Explorer(const WorldSpec& spec, const std::vector<NodeFactory>& factories,
           const ExploreOptions& options)
      : spec_(spec), options_(options), space_(spec, factories) {
    result_.set_world(absl::StrCat(spec.lab, ".", spec.name));
  }

  /// When the probe stops it, the failure's steps are the history of the node that it stopped.
  Exploration Run() {
    space_.graph().SetProbe(options_.probe);
    try {
      RunToTheEnd();
    } catch (const ProbeReached& reached) {
      space_.graph().SetProbe(nullptr);
      for (std::string& event : HistoryBefore(space_, reached.local, reached.event)) {
        result_.mutable_failure()->add_steps(std::move(event));
      }
    }
    result_.set_histories(space_.graph().size());
    result_.set_student_events(space_.graph().events_run());
    return std::move(result_);
  }

 private:
  void RunToTheEnd() {
    const absl::StatusOr<State> start = Drive(space_);
    if (!start.ok()) {
      result_.set_unreachable(std::string(start.status().message()));
    } else if (space_.Examine(*start)) {
      Tell(*start);
    } else if (!Walk(*start)) {
      Search(*start);
    }
  }

  /// True when something was found, and told.
  bool Walk(const State& start) {
    const Stopwatch watch;
    const std::uint32_t depth = options_.depth.value_or(kLongestWalk);
    Walks walks =
        WalkAtRandom(space_, start, options_.walks.value_or(spec_.walks), depth, options_.seed);
    result_.set_walks(walks.walks);
    result_.set_walk_steps(walks.steps);
    result_.set_walk_ns(watch.Nanoseconds());
    if (!walks.broken) return false;
    State broken = *walks.broken;
    Shorten(space_, start, walks.path, broken);
    const Coverage shorter = SearchBreadthFirst(
        space_, start,
        {.states = kStatesForShorter, .depth = static_cast<std::uint32_t>(walks.path.size())});
    result_.set_shortest(shorter.broken.has_value());
    Tell(shorter.broken ? *shorter.broken : broken);
    return true;
  }

  void Search(const State& start) {
    const Stopwatch watch;
    Limits limits;
    limits.states = options_.states.value_or(spec_.states);
    if (options_.depth) limits.depth = *options_.depth;
    const Coverage coverage = SearchBreadthFirst(space_, start, limits);
    result_.set_states(coverage.states);
    result_.set_transitions(coverage.transitions);
    result_.set_depth(coverage.depth);
    result_.set_exhausted(coverage.exhausted);
    result_.set_search_ns(watch.Nanoseconds());
    if (!coverage.broken) return;
    result_.set_shortest(true);
    Tell(*coverage.broken);
  }

  void Tell(const State& broken) {
    const Breach breach = *space_.Examine(broken);
    run::Failure& failure = *result_.mutable_failure();
    failure.set_kind(KindOf(breach));
    failure.set_statement(breach.failure ? breach.failure->name : breach.statement.name);
    failure.set_sentence(breach.sentence);
    failure.set_source(breach.source);
    failure.set_detail(breach.detail);
    failure.set_node(breach.node);
    if (breach.failure) failure.set_handler(breach.failure->handler);
    for (std::string& event : TraceTo(space_, broken)) failure.add_steps(std::move(event));
  }

  const WorldSpec& spec_;
  const ExploreOptions& options_;
  Space space_;
  Exploration result_;
};

}  // namespace

Exploration Explore(const WorldSpec& spec, const std::vector<NodeFactory>& factories,
                    const ExploreOptions& options) {
  return Explorer(spec, factories, options).Run();
}

}  // namespace quorum::explore
