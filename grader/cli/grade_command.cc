#include "grader/cli/grade_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <set>
#include <thread>

#include "grader/cli/build.h"
#include "grader/cli/implementation.h"
#include "grader/cli/selection.h"
#include "grader/report/failure_text.h"
#include "grader/report/scoreboard.h"
#include "grader/run/campaign.h"

namespace quorum::cli {
namespace {

using grader::Scenario;
using run::Outcome;

struct GradeOptions {
  std::vector<std::string> selections;
  std::string impl = "labs";
  std::uint64_t seed = 1;
  std::uint64_t seeds = 0;
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  bool list = false;
};

int BadInput(const absl::Status& status) {
  fmt::print(stderr, "quorum: {}\n", std::string(status.message()));
  return 2;
}

int List(const std::vector<const Scenario*>& scenarios) {
  for (const Scenario* scenario : scenarios) {
    fmt::print("{}:{} {}.{} {} points, {} seeds, {}\n", scenario->lab, scenario->part,
               scenario->lab, scenario->name, scenario->points, scenario->seeds,
               faults::NameOf(scenario->profile));
  }
  return 0;
}

int ExitCode(const std::vector<Outcome>& outcomes) {
  using Verdict = Outcome::Verdict;
  const auto any = [&](Verdict verdict) {
    return std::any_of(outcomes.begin(), outcomes.end(),
                       [&](const Outcome& outcome) { return outcome.verdict == verdict; });
  };
  if (any(Verdict::kGraderFault)) return 4;
  if (any(Verdict::kFailed)) return 1;
  return any(Verdict::kInconclusive) ? 3 : 0;
}

int Grade(const GradeOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const auto selected = Select(grader::AllScenarios(), options.selections);
  if (!selected.ok()) return BadInput(selected.status());
  if (options.list) return List(*selected);
  std::map<std::string, LabModule> modules;
  std::vector<std::string> targets;
  for (const Scenario* scenario : *selected) {
    if (modules.contains(scenario->lab)) continue;
    const auto module = FindModule(options.impl, scenario->lab);
    if (!module.ok()) return BadInput(module.status());
    modules[scenario->lab] = *module;
    if (!module->target.empty()) targets.push_back(module->target);
  }
  if (!targets.empty() && !Build(modules.begin()->second.folder, targets).ok) return 1;
  run::Pool pool(options.jobs, {"worker"});
  report::Scoreboard scoreboard(isatty(STDOUT_FILENO) != 0);
  std::vector<Outcome> outcomes;
  run::Campaign campaign(pool, {options.seed, options.seeds}, [&](const Outcome& outcome) {
    scoreboard.Add(outcome);
    outcomes.push_back(outcome);
  });
  for (const Scenario* scenario : *selected) {
    run::Settings settings;
    settings.modules = {modules[scenario->lab].file};
    campaign.Add(*scenario, settings);
  }
  campaign.Run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  scoreboard.Finish(took.count());
  for (const Outcome& outcome : outcomes) {
    if (outcome.verdict == Outcome::Verdict::kPassed) continue;
    fmt::print("\n{}", report::FailureText(outcome, options.impl, isatty(STDOUT_FILENO) != 0));
  }
  return ExitCode(outcomes);
}

}  // namespace

void AddGradeCommand(CLI::App& app, int& exit_code) {
  CLI::App& verb = *app.add_subcommand("grade", "Grade an implementation of one or more labs");
  auto options = std::make_shared<GradeOptions>();
  verb.add_option("selection", options->selections,
                  "Labs, parts or scenarios: hash_ring, hash_ring:1B, hash_ring.HandOffUnderLoss");
  verb.add_option("--impl", options->impl, "labs, solutions, a folder, or a module's file")
      ->capture_default_str();
  verb.add_option("--seed", options->seed, "The first seed")->capture_default_str();
  verb.add_option("--seeds", options->seeds, "How many seeds a scenario is played with");
  verb.add_option("--jobs", options->jobs, "How many worker processes play at a time");
  verb.add_flag("--list", options->list, "List the scenarios, and do nothing else");
  verb.callback([options, &exit_code] { exit_code = Grade(*options); });
}

}  // namespace quorum::cli
