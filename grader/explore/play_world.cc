#include "grader/explore/play_world.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/env/check.h"

namespace quorum::explore {
namespace {

sim::Failure::Kind KindOf(run::FailureKind kind) {
  switch (kind) {
    case run::FAILURE_CHECK:
      return sim::Failure::Kind::kCheck;
    case run::FAILURE_NOT_WRITTEN:
      return sim::Failure::Kind::kNotWritten;
    case run::FAILURE_EXCEPTION:
      return sim::Failure::Kind::kException;
    default:
      return sim::Failure::Kind::kInvariant;
  }
}

/// How far it went; times would differ from run to run.
std::string HowFar(const Exploration& result) {
  return absl::StrCat("explored ", result.exhausted() ? "all " : "", result.states(), " states, ",
                      result.walks(), " random walks");
}

}  // namespace

void PlayWorld(grader::Stage& stage, const WorldSpec& spec, ExploreOptions options) {
  std::vector<NodeFactory> factories;
  for (const NodeSpec& node : spec.nodes) {
    if (node.given != nullptr) {
      factories.push_back(node.given);
    } else if (node.host.around == nullptr) {
      factories.push_back(stage.node_factory(node.role, spec.lab));
    } else {
      factories.push_back(node.host.around(stage.part<void (*)()>(node.role, node.host.part_type)));
    }
  }
  options.seed = stage.plan().seed();
  const Exploration result = Explore(spec, factories, options);
  stage.Record(result.states());
  stage.Record(result.walk_steps());
  stage.Record(result.histories());
  if (!result.unreachable().empty()) throw grader::Inconclusive{result.unreachable()};
  stage.Observe(HowFar(result));
  if (!result.has_failure()) return;
  for (const std::string& event : result.failure().steps()) {
    stage.Step(absl::StrReplaceAll(event, {{"\n", "; "}}));
  }
  const run::Failure& failure = result.failure();
  stage.world().Fail({.kind = KindOf(failure.kind()),
                      .name = failure.statement(),
                      .sentence = failure.sentence(),
                      .source = failure.source(),
                      .detail = failure.detail(),
                      .node = failure.node(),
                      .handler = failure.handler()});
  throw sim::RunFailed();
}

void PlayWorld(grader::Stage& stage, const std::vector<WorldSpec>& worlds, std::string_view name,
               ExploreOptions options) {
  const auto world = std::find_if(worlds.begin(), worlds.end(),
                                  [&](const WorldSpec& one) { return name == one.name; });
  Check(world != worlds.end(), "A scenario explores a world that there is.");
  PlayWorld(stage, *world, options);
}

}  // namespace quorum::explore
