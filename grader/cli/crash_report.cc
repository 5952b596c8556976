#include "grader/cli/crash_report.h"

#include "grader/cli/build.h"
#include "grader/run/pool.h"
#include "grader/run/sanitizer.h"

namespace quorum::cli {
namespace {

using run::Outcome;
using run::RunResult;

/// Whether a sanitizer may know more about how the run ended.
bool IsCrash(const Outcome& outcome) {
  if (!outcome.deciding || outcome.deciding->failure().kind() != run::FAILURE_DEATH) return false;
  const std::string& statement = outcome.deciding->failure().statement();
  return statement == "process.crash" || statement == "process.terminate" ||
         outcome.verdict == Outcome::Verdict::kGraderFault;
}

RunResult PlaySanitized(const SubmittedLab& lab, const RunResult& crashed) {
  run::Job job;
  job.task.set_scenario(crashed.scenario());
  job.task.set_seed(crashed.seed());
  if (crashed.has_plan()) *job.task.mutable_plan() = crashed.plan();
  job.settings = lab.settings;
  job.settings.sanitized = true;
  job.settings.modules.front() = lab.module.sanitized.file;
  RunResult result;
  job.done = [&result](const RunResult& played) { result = played; };
  run::Pool pool(1, {"worker"});
  pool.Add(std::move(job));
  pool.Run();
  return result;
}

}  // namespace

void ExplainCrash(const SubmittedLab& lab, Outcome& outcome) {
  if (!IsCrash(outcome) || lab.settings.sanitized || run::IsSanitized()) return;
  if (lab.module.sanitized.target.empty() || !BuildModule(lab.module.sanitized, false).ok) return;
  const RunResult again = PlaySanitized(lab, *outcome.deciding);
  if (!again.failure().sanitizer_report()) return;
  run::Failure& failure = *outcome.deciding->mutable_failure();
  failure.set_output(again.failure().output());
  if (outcome.verdict != Outcome::Verdict::kGraderFault) return;
  outcome.verdict = Outcome::Verdict::kFailed;
  outcome.deciding->set_verdict(run::RUN_FAILED);
}

}  // namespace quorum::cli
