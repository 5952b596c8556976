// Runs that are watched more closely than for their verdict.

#include <fmt/format.h>

#include "grader/report/diagram/diagram.h"
#include "grader/report/diagram/shiviz.h"
#include "grader/run/play.h"

namespace quorum::run {
namespace {

/// What the diagram says where the run ends.
std::string TextOfEnd(const Failure& failure) {
  switch (failure.kind()) {
    case FAILURE_CHECK:
      return "here a check of its own fails";
    case FAILURE_NOT_WRITTEN:
      return "here it reaches what is not written yet";
    case FAILURE_EXCEPTION:
      return "here an exception leaves the handler";
    default:
      return fmt::format("here {} is broken", failure.statement());
  }
}

void DrawPicture(const sim::Trace& trace, const Task& task, RunResult& result) {
  const Picture& picture = task.picture();
  std::optional<report::Ending> ending;
  if (result.verdict() == RUN_FAILED) {
    ending = {.node = result.failure().node(), .text = TextOfEnd(result.failure())};
  }
  // It is told to stop where another process has died.
  if (task.stop_before_handler() > 0 && ending) ending->text = "here its process dies";
  result.set_diagram(report::Diagram(trace, ending, {.lines = picture.lines()}));
  if (picture.shiviz()) result.set_shiviz(report::ShiViz(trace));
}

}  // namespace

RunResult PlayTask(const grader::Scenario& scenario, const Task& task,
                   const std::vector<const ModuleTable*>& modules) {
  const grader::StageOptions options = {.keep_trace = task.has_picture(),
                                        .record_faults = task.record_faults(),
                                        .events = task.events(),
                                        .stop_before_handler = task.stop_before_handler()};
  const faults::Plan plan = task.has_plan() ? task.plan() : PlanOf(scenario, task.seed());
  return Play(scenario, plan, modules, options, [&](const auto& stage, RunResult& result) {
    const sim::World* world = stage.world_if_made();
    if (world == nullptr) return;
    if (task.has_picture()) DrawPicture(world->trace(), task, result);
    if (!task.record_faults()) return;
    const auto& drawn = world->network().drawn_faults();
    result.mutable_drawn()->Assign(drawn.begin(), drawn.end());
  });
}

}  // namespace quorum::run
