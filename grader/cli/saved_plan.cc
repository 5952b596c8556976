#include "grader/cli/saved_plan.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "grader/faults/plan_file.h"
#include "grader/faults/shrink.h"
#include "grader/run/play.h"

namespace quorum::cli {
namespace {

bool CanBePlayedAgain(const run::Outcome& outcome) {
  if (!outcome.deciding || outcome.deciding->verdict() != run::RUN_FAILED) return false;
  switch (outcome.deciding->failure().kind()) {
    case run::FAILURE_NOT_WRITTEN:
    case run::FAILURE_NONDETERMINISM:
    case run::FAILURE_REFUSED:
      return false;
    default:
      return true;
  }
}

std::string Comment(const run::Outcome& outcome, const std::string& file) {
  const run::RunResult& run = *outcome.deciding;
  std::string text = fmt::format("The run of {} with seed {} that broke {}.", run.scenario(),
                                 run.seed(), run.failure().statement());
  if (run.plan().has_shrinking()) {
    text += fmt::format("\nOf {} faults and operations that the seed drew, {} are left.",
                        run.plan().shrinking().items_before(), faults::CountItems(run.plan()));
  }
  return text + "\nOnce more: ./quorum replay " + file;
}

}  // namespace

std::string HashOfModules(const std::vector<std::string>& files) {
  std::vector<std::string> hashes;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return "";
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    hashes.push_back(fmt::format("{:016x}", XXH3_64bits(bytes.data(), bytes.size())));
  }
  return fmt::format("{}", fmt::join(hashes, "+"));
}

void KeepPlan(const Graded& graded, const SubmittedLab& lab, run::Outcome& outcome) {
  if (!CanBePlayedAgain(outcome)) return;
  const run::RunResult& run = *outcome.deciding;
  // Of a process that died only the seed is known, which draws the same plan again.
  faults::Plan plan = run.has_plan() ? run.plan() : run::PlanOf(*outcome.scenario, run.seed());
  plan.set_scenario(run.scenario());
  plan.set_implementation(graded.impl);
  plan.mutable_with()->Assign(graded.with.begin(), graded.with.end());
  plan.set_module_hash(HashOfModules(lab.settings.modules));
  plan.set_violated(run.failure().statement());
  const std::string file = fmt::format("out/{}-{}.plan", run.scenario(), run.seed());
  if (const absl::Status saved = faults::SavePlan(file, plan, Comment(outcome, file));
      !saved.ok()) {
    fmt::print(stderr, "quorum: {}\n", std::string(saved.message()));
    return;
  }
  outcome.plan_file = file;
}

}  // namespace quorum::cli
