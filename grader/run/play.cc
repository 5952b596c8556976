#include "grader/run/play.h"

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "grader/run/last_words.h"
#include "grader/sim/failure.h"
#include "grader/sim/flight_recorder.h"
#include "grader/sim/handler_ended.h"
#include "grader/sim/world.h"

namespace quorum::run {
namespace {

using grader::Inconclusive;
using grader::Scenario;
using grader::Stage;
using grader::Violation;

FailureKind KindOf(sim::Failure::Kind kind) {
  switch (kind) {
    case sim::Failure::Kind::kCheck:
      return FAILURE_CHECK;
    case sim::Failure::Kind::kNotWritten:
      return FAILURE_NOT_WRITTEN;
    case sim::Failure::Kind::kException:
      return FAILURE_EXCEPTION;
    case sim::Failure::Kind::kInvariant:
    case sim::Failure::Kind::kBudget:
      break;
  }
  return FAILURE_VIOLATION;
}

void SetFailure(const Violation& violation, Failure& failure) {
  failure.set_kind(FAILURE_VIOLATION);
  failure.set_statement(violation.statement.name);
  failure.set_sentence(violation.statement.sentence);
  failure.set_source(violation.statement.source);
  failure.set_detail(violation.detail);
}

void SetFailure(const sim::Failure& seen, Failure& failure) {
  failure.set_kind(KindOf(seen.kind));
  failure.set_statement(seen.name);
  failure.set_sentence(seen.sentence);
  failure.set_source(seen.source);
  failure.set_detail(seen.detail);
  failure.set_node(seen.node);
  failure.set_handler(seen.handler);
}

/// A check or a stub outside of the handlers of a world: in a part that the scenario called, or
/// else in the grader itself.
void SetFailure(const sim::HandlerEnded& ended, RunResult& result) {
  Failure& failure = *result.mutable_failure();
  failure.set_kind(KindOf(ended.kind));
  failure.set_sentence(ended.sentence);
  failure.set_source(ended.place());
  const bool stub = ended.kind == sim::Failure::Kind::kNotWritten;
  failure.set_statement(stub ? "node.not-written" : "node.check");
  if (!LastThrowWasInModule()) result.set_verdict(RUN_GRADER_FAULT);
}

/// An exception outside of the handlers: a part's, when its module was on the stack as it was
/// thrown.
void SetException(std::string_view what, RunResult& result) {
  Failure& failure = *result.mutable_failure();
  failure.set_kind(FAILURE_EXCEPTION);
  failure.set_statement("node.exception");
  failure.set_sentence("No exception leaves a function of a lab's interface.");
  failure.set_detail("It threw: " + std::string(what));
  if (!LastThrowWasInModule()) result.set_verdict(RUN_GRADER_FAULT);
}

/// Runs the scenario; the verdict stays RUN_PASSED when it comes back.
void PlayGuarded(const Scenario& scenario, Stage& stage, RunResult& result) {
  result.set_verdict(RUN_FAILED);
  try {
    scenario.play(stage);
    // A monitor may have seen the last event differently from the scenario.
    const sim::World* world = stage.world_if_made();
    if (world != nullptr && world->failure()) throw sim::RunFailed();
    result.set_verdict(RUN_PASSED);
  } catch (const Inconclusive& gave_up) {
    result.set_verdict(RUN_INCONCLUSIVE);
    result.mutable_failure()->set_detail(gave_up.why);
  } catch (const Violation& violation) {
    SetFailure(violation, *result.mutable_failure());
  } catch (const sim::RunFailed&) {
    SetFailure(*stage.world_if_made()->failure(), *result.mutable_failure());
  } catch (const sim::HandlerEnded& ended) {
    SetFailure(ended, result);
  } catch (const std::exception& exception) {
    SetException(exception.what(), result);
  } catch (...) {
    SetException("an object that is not a std::exception", result);
  }
}

void TakeNotes(const Stage& stage, RunResult& result) {
  for (const std::string& what : stage.observed()) result.add_observed(what);
  std::uint64_t hash = stage.recorded_hash();
  if (const sim::World* world = stage.world_if_made()) {
    hash = sim::Combine(hash, world->trace().hash());
    result.set_events(world->events());
    result.set_simulated_ns(world->now());
  }
  result.set_trace_hash(hash);
  if (result.verdict() == RUN_PASSED) return;
  Failure& failure = *result.mutable_failure();
  for (const std::string& step : stage.steps()) failure.add_steps(step);
  const bool by_itself = failure.kind() == FAILURE_CHECK || failure.kind() == FAILURE_EXCEPTION;
  if (result.verdict() == RUN_FAILED)
    failure.set_blame(stage.sides().Blame(failure.node(), by_itself));
  *result.mutable_plan() = stage.plan();
}

}  // namespace

RunResult Play(const Scenario& scenario, const faults::Plan& plan,
               const std::vector<const ModuleTable*>& modules, const grader::StageOptions& options,
               const Look& look) {
  const auto begin = std::chrono::steady_clock::now();
  RunResult result;
  result.set_scenario(FullName(scenario));
  result.set_seed(plan.seed());
  sim::InstallFailureHandlers();
  flight::BeginRun(result.scenario(), plan.seed());
  {
    Stage stage(scenario, plan, modules, options);
    PlayGuarded(scenario, stage, result);
    TakeNotes(stage, result);
    if (look) look(stage, result);
  }
  flight::EndRun();
  result.set_wall_ns((std::chrono::steady_clock::now() - begin).count());
  return result;
}

faults::Plan PlanOf(const Scenario& scenario, std::uint64_t seed) {
  faults::Plan plan;
  plan.set_scenario(FullName(scenario));
  plan.set_seed(seed);
  return plan;
}

std::string FullName(const Scenario& scenario) {
  return std::string(scenario.lab) + "." + scenario.name;
}

}  // namespace quorum::run
