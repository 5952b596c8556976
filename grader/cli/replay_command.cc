#include "grader/cli/replay_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "grader/cli/bad_input.h"
#include "grader/cli/debugger.h"
#include "grader/cli/saved_plan.h"
#include "grader/cli/selection.h"
#include "grader/cli/submission.h"
#include "grader/faults/plan_file.h"
#include "grader/report/failure_list.h"
#include "grader/report/failure_text.h"
#include "grader/run/pool.h"
#include "grader/run/study.h"

namespace quorum::cli {
namespace {

using run::Outcome;
using run::RunResult;

constexpr std::uint32_t kLines = 40;

struct ReplayOptions {
  std::string file;
  std::string impl;
  std::vector<std::string> with;
  bool trace = false;
  std::string shiviz;
  NodeId node = 0;
  bool gdb = false;
};

/// What is to be played.
struct Replay {
  faults::Plan plan;
  const grader::Scenario* scenario = nullptr;
  Graded graded = {};
  SubmittedLab lab = {};
};

absl::StatusOr<const grader::Scenario*> FindScenario(const faults::Plan& plan) {
  const std::size_t dot = plan.scenario().find('.');
  if (dot == std::string::npos || dot + 1 == plan.scenario().size()) {
    return absl::NotFoundError(fmt::format(
        "The plan names the scenario \"{}\"; a scenario is LAB.NAME.", plan.scenario()));
  }
  const auto found = Select(grader::AllScenarios(), {plan.scenario()});
  if (!found.ok()) return found.status();
  return found->front();
}

absl::StatusOr<Replay> Prepare(const ReplayOptions& options) {
  const auto plan = faults::LoadPlan(options.file);
  if (!plan.ok()) return plan.status();
  Replay replay{.plan = *plan};
  const auto scenario = FindScenario(*plan);
  if (!scenario.ok()) return scenario.status();
  replay.scenario = *scenario;
  replay.graded.impl = !options.impl.empty() ? options.impl : plan->implementation();
  if (replay.graded.impl.empty()) replay.graded.impl = "labs";
  replay.graded.with = options.with;
  if (options.with.empty()) replay.graded.with.assign(plan->with().begin(), plan->with().end());
  const auto with = ParseWith(replay.graded.with);
  if (!with.ok()) return with.status();
  const std::string lab = replay.scenario->lab;
  auto submitted = PrepareSubmission({.impl = replay.graded.impl, .with = *with, .sanitize = false},
                                     {lab}, false);
  if (!submitted.ok()) return submitted.status();
  replay.lab = submitted->at(lab);
  return replay;
}

/// Plays the plan, and then once more to draw it.
RunResult Play(const Replay& replay, const ReplayOptions& options) {
  const run::StudyOptions study = {
      .shrink_events = 0, .lines = options.trace ? 0 : kLines, .shiviz = !options.shiviz.empty()};
  run::Pool pool(1, {"worker"});
  RunResult result;
  run::Job job;
  job.task.set_scenario(replay.plan.scenario());
  job.task.set_seed(replay.plan.seed());
  *job.task.mutable_plan() = replay.plan;
  job.settings = replay.lab.settings;
  job.done = [&](const RunResult& played) {
    RunResult run = played;
    *run.mutable_plan() = replay.plan;
    run::Study(pool, replay.lab.settings, run, study,
               [&result](const RunResult& studied) { result = studied; });
  };
  pool.Add(std::move(job));
  pool.Run();
  return result;
}

Outcome OutcomeOf(const Replay& replay, const RunResult& result, const std::string& file) {
  Outcome outcome;
  outcome.scenario = replay.scenario;
  outcome.seeds_run = 1;
  outcome.plan_file = file;
  switch (result.verdict()) {
    case run::RUN_PASSED:
      outcome.verdict = Outcome::Verdict::kPassed;
      outcome.shown = result;
      return outcome;
    case run::RUN_FAILED:
      outcome.verdict = Outcome::Verdict::kFailed;
      break;
    case run::RUN_INCONCLUSIVE:
      outcome.verdict = Outcome::Verdict::kInconclusive;
      break;
    default:
      outcome.verdict = Outcome::Verdict::kGraderFault;
  }
  outcome.deciding = result;
  return outcome;
}

/// What differs from when the plan was saved.
void Compare(const Replay& replay, const RunResult& result) {
  const std::string hash = HashOfModules(replay.lab.settings.modules);
  const std::string& saved = replay.plan.module_hash();
  if (!saved.empty() && saved != hash) {
    const bool same = saved.substr(0, saved.find('+')) == hash.substr(0, hash.find('+'));
    fmt::print("This is another module than {}: it may do something else.\n",
               same ? "the one that stood beside it when the plan was saved"
                    : "the one that the plan was saved for");
  }
  const std::string& now = result.failure().statement();
  const std::string& then = replay.plan.violated();
  if (result.verdict() == run::RUN_PASSED) {
    fmt::print("{} passes now{}.\n", replay.plan.scenario(),
               then.empty() ? "" : fmt::format("; when the plan was saved it broke {}", then));
  } else if (!then.empty() && now != then) {
    fmt::print("When the plan was saved it broke {}; this is another failure.\n", then);
  }
}

int ExitCode(Outcome::Verdict verdict) {
  switch (verdict) {
    case Outcome::Verdict::kPassed:
    case Outcome::Verdict::kDemonstration:
      return 0;
    case Outcome::Verdict::kFailed:
      return 1;
    case Outcome::Verdict::kInconclusive:
      return 3;
    case Outcome::Verdict::kGraderFault:
      break;
  }
  return 4;
}

int RunReplay(const ReplayOptions& options) {
  auto prepared = Prepare(options);
  if (!prepared.ok()) return BadInput(prepared.status());
  const Replay& replay = *prepared;
  if (options.gdb && !replay.lab.refusal) {
    return BadInput(StopInGdb(options.file, replay.lab.settings.modules, options.node));
  }
  RunResult result;
  if (replay.lab.refusal) {
    result.set_verdict(run::RUN_FAILED);
    *result.mutable_failure() = *replay.lab.refusal;
  } else {
    result = Play(replay, options);
  }
  if (result.verdict() == run::RUN_GRADER_FAULT && result.failure().statement() == "node.check") {
    return BadInput(absl::InvalidArgumentError(
        fmt::format("{} does not fit the scenario {}: this does not hold: {}", options.file,
                    replay.plan.scenario(), result.failure().sentence())));
  }
  Compare(replay, result);
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  const Outcome outcome = OutcomeOf(replay, result, options.file);
  if (outcome.verdict != Outcome::Verdict::kPassed) {
    fmt::print("{}", report::FailureTexts({outcome}, replay.graded.impl, {.coloured = terminal}));
  } else if (options.trace) {
    fmt::print("{}", report::PassingText(outcome, terminal));
  }
  if (!options.shiviz.empty()) {
    std::ofstream log(options.shiviz, std::ios::trunc);
    log << result.shiviz();
    if (!log) {
      return BadInput(absl::UnavailableError(options.shiviz + " cannot be written."));
    }
  }
  return ExitCode(outcome.verdict);
}

}  // namespace

void AddReplayCommand(CLI::App& app, int& exit_code) {
  CLI::App& verb = *app.add_subcommand("replay", "Play the plan of a failed run again");
  auto options = std::make_shared<ReplayOptions>();
  verb.add_option("file", options->file, "A plan, as `grade` saves it in out/")->required();
  verb.add_option("--impl", options->impl,
                  "Another implementation than the one that the plan names")
      ->type_name("labs|solutions|FOLDER|MODULE.so");
  verb.add_option("--with", options->with, "Other implementations beside it, as of grade")
      ->type_name("LAB=IMPL");
  verb.add_flag("--trace", options->trace, "Draw everything that happens, not only the end");
  verb.add_option("--shiviz", options->shiviz, "Write the run as a log for ShiViz")
      ->type_name("FILE");
  CLI::Option* node =
      verb.add_option("--node", options->node, "With --gdb: in which node")->type_name("N");
  verb.add_flag("--gdb", options->gdb,
                "Stop in gdb where the last handler of that node begins before the failure")
      ->needs(node);
  verb.footer(
      "How to read the diagram: at the left the time in milliseconds; then a lane for each node, | "
      "while\n"
      "it runs, . while it is down, : while it is stopped. On a lane: o a message leaves or "
      "arrives,\n"
      "w a write, D it is durable, t a timer, T a call times out, ? a client asks, ! it is "
      "answered,\n"
      "B the process boots, X it dies, x what never happens, # where the rule breaks. Across the "
      "lanes:\n"
      "~~ a fault, -- a step of the scenario. #7 is one request; its reply has the same number.\n\n"
      "Exit code: 0 the run passes now, 1 it fails, 2 the file is no plan or does not fit, 3 "
      "nothing\n"
      "can be said, 4 a fault of the grader itself.");
  verb.callback([options, &exit_code] { exit_code = RunReplay(*options); });
}

}  // namespace quorum::cli
