#include "grader/cli/grade_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <thread>

#include "grader/cli/bad_input.h"
#include "grader/cli/crash_report.h"
#include "grader/cli/saved_plan.h"
#include "grader/cli/selection.h"
#include "grader/cli/submission.h"
#include "grader/report/failure_list.h"
#include "grader/report/failure_text.h"
#include "grader/report/json_report.h"
#include "grader/report/junit_report.h"
#include "grader/report/scoreboard.h"
#include "grader/run/campaign.h"

namespace quorum::cli {
namespace {

using grader::Scenario;
using run::Outcome;

struct GradeOptions {
  std::vector<std::string> selections;
  std::string impl = "labs";
  std::vector<std::string> with;
  run::Seeds seeds;
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  std::string json;
  std::string junit;
  bool list = false;
  bool sanitize = false;
  bool trace = false;
  bool full = false;
};

int List(const std::vector<const Scenario*>& scenarios) {
  for (const Scenario* scenario : scenarios) {
    const std::string points = scenario->points == 0 ? "no verdict"
                               : scenario->bonus ? fmt::format("{} bonus points", scenario->points)
                                                 : fmt::format("{} points", scenario->points);
    fmt::print("{:<44} part {}, {}, {} seeds, {}\n",
               fmt::format("{}.{}", scenario->lab, scenario->name), scenario->part, points,
               scenario->seeds, faults::NameOf(scenario->profile));
  }
  return 0;
}

std::vector<std::string> LabsOf(const std::vector<const Scenario*>& scenarios) {
  std::vector<std::string> labs;
  for (const Scenario* scenario : scenarios) {
    if (labs.empty() || labs.back() != scenario->lab) labs.emplace_back(scenario->lab);
  }
  return labs;
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

/// Opened before anything is played: a report that cannot be written is bad input.
absl::StatusOr<std::ofstream> OpenReport(const std::string& path) {
  std::ofstream file;
  if (path.empty()) return file;
  file.open(path);
  if (!file) return absl::InvalidArgumentError(fmt::format("{} cannot be written.", path));
  return file;
}

/// The outcome of a scenario whose module is refused.
Outcome Refused(const Scenario& scenario, const run::Failure& refusal) {
  Outcome outcome;
  outcome.scenario = &scenario;
  outcome.verdict =
      scenario.points == 0 ? Outcome::Verdict::kDemonstration : Outcome::Verdict::kFailed;
  outcome.deciding.emplace();
  *outcome.deciding->mutable_failure() = refusal;
  return outcome;
}

/// Plays the scenarios, showing the scoreboard as it grows.
std::vector<Outcome> Play(const GradeOptions& options,
                          const std::vector<const Scenario*>& scenarios,
                          const std::map<std::string, SubmittedLab>& submitted,
                          report::Scoreboard& scoreboard) {
  run::Pool pool(options.jobs, {"worker"});
  std::vector<Outcome> outcomes;
  run::Campaign campaign(pool, options.seeds, [&](const Outcome& decided) {
    Outcome outcome = decided;
    const SubmittedLab& lab = submitted.at(outcome.scenario->lab);
    ExplainCrash(lab, outcome);
    KeepPlan({.impl = options.impl, .with = options.with}, lab, outcome);
    scoreboard.Add(outcome);
    outcomes.push_back(std::move(outcome));
  });
  campaign.StudyRuns(options.trace ? run::StudyOptions{.lines = 0} : run::StudyOptions());
  campaign.OnProgress([&](std::uint64_t done, std::uint64_t of) { scoreboard.Progress(done, of); });
  for (const Scenario* scenario : scenarios) {
    const auto lab = submitted.find(scenario->lab);
    if (lab == submitted.end()) continue;
    if (lab->second.refusal) {
      campaign.AddDecided(Refused(*scenario, *lab->second.refusal));
    } else {
      campaign.Add(*scenario, lab->second.settings);
    }
  }
  campaign.Run();
  return outcomes;
}

int Grade(const GradeOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const auto selected = Select(grader::AllScenarios(), options.selections);
  if (!selected.ok()) return BadInput(selected.status());
  if (options.list) return List(*selected);
  const auto with = ParseWith(options.with);
  if (!with.ok()) return BadInput(with.status());
  absl::StatusOr<std::ofstream> json = OpenReport(options.json);
  if (!json.ok()) return BadInput(json.status());
  absl::StatusOr<std::ofstream> junit = OpenReport(options.junit);
  if (!junit.ok()) return BadInput(junit.status());
  const auto submitted =
      PrepareSubmission({.impl = options.impl, .with = *with, .sanitize = options.sanitize},
                        LabsOf(*selected), options.selections.empty());
  if (!submitted.ok()) return BadInput(submitted.status());

  const bool terminal = isatty(STDOUT_FILENO) != 0;
  report::Scoreboard scoreboard(terminal);
  const std::vector<Outcome> outcomes = Play(options, *selected, *submitted, scoreboard);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  for (const Outcome& outcome : outcomes) {
    if (outcome.shown) fmt::print("{}", report::PassingText(outcome, terminal));
  }
  fmt::print("{}", report::FailureTexts(outcomes, options.impl,
                                        {.coloured = terminal, .full = options.full}));
  scoreboard.Finish(took.count());
  if (!options.json.empty()) *json << report::JsonReport(outcomes, options.impl, options.with);
  if (!options.junit.empty()) *junit << report::JunitReport(outcomes, options.impl);
  return ExitCode(outcomes);
}

}  // namespace

void AddGradeCommand(CLI::App& app, int& exit_code) {
  CLI::App& verb = *app.add_subcommand("grade", "Grade an implementation of one or more labs");
  auto options = std::make_shared<GradeOptions>();
  verb.add_option("selection", options->selections,
                  "Labs, parts or scenarios: hash_ring, hash_ring:1B, hash_ring.HandOffUnderLoss; "
                  "without any, everything that there is");
  verb.add_option("--impl", options->impl,
                  "What is graded: labs (the files that a student edits), solutions, a folder with "
                  "the files of one or more labs, or a module that is built already")
      ->type_name("labs|solutions|FOLDER|MODULE.so")
      ->capture_default_str();
  verb.add_option(
          "--with", options->with,
          "The implementation of an earlier lab on which a later one is to stand; or of the "
          "same lab, whose nodes yours are to play among (solutions)")
      ->type_name("LAB=IMPL");
  verb.add_option("--seed", options->seeds.first, "The first seed")
      ->type_name("S")
      ->capture_default_str();
  verb.add_option("--seeds", options->seeds.count,
                  "How many seeds each scenario is played with; otherwise it says so itself")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000'000));
  verb.add_option("--jobs", options->jobs, "How many worker processes play at a time")
      ->type_name("N")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  verb.add_option("--json", options->json, "Write the report here, too (docs/report.md)")
      ->type_name("FILE");
  verb.add_option("--junit", options->junit, "The same as JUnit XML")->type_name("FILE");
  verb.add_flag("--list", options->list, "List the scenarios, and do nothing else");
  verb.add_flag("--trace", options->trace,
                "Draw everything that happens: in the runs that fail, and in the first one of each "
                "scenario that passes");
  verb.add_flag("--full", options->full,
                "Tell every failure in full, and not only the first one of each rule");
  verb.add_flag("--sanitize", options->sanitize,
                "Build the implementation with AddressSanitizer and UBSan, and grade that");
  verb.footer(
      "Exit code: 0 all passed, 1 something failed, 2 usage or bad input, 3 something is\n"
      "inconclusive and nothing failed, 4 a fault of the grader itself (takes precedence).");
  verb.callback([options, &exit_code] { exit_code = Grade(*options); });
}

}  // namespace quorum::cli
