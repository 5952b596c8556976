#include "grader/cli/mutants_matrix.h"

#include <fmt/format.h>

#include <algorithm>

#include "grader/report/text.h"

namespace quorum::cli {
namespace {

std::string Cost(const MutantTrial& trial) {
  const std::uint64_t seeds = trial.MedianSeeds();
  return fmt::format("{} seed{}, {} events, {:.3f} s", seeds, seeds == 1 ? "" : "s",
                     report::ShortCount(trial.Events()), trial.Seconds());
}

/// How often what is changed has run, over all plays.
std::string Reached(const MutantTrial& trial) {
  if (trial.reached == 0) return "What is changed was never reached, so this says nothing.";
  return fmt::format("What is changed was reached {} times a play.",
                     report::ShortCount(std::max<std::uint64_t>(1, trial.Reached())));
}

}  // namespace

std::uint64_t MutantTrial::MedianSeeds() const {
  std::vector<std::uint64_t> sorted = seeds_to_kill;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

double MutantTrial::Seconds() const {
  return static_cast<double>(wall_ns) / 1e9 /
         static_cast<double>(std::max<std::uint64_t>(1, plays));
}

std::string MatrixInText(const std::vector<run::Mutant>& mutants, const MutantTrials& trials) {
  std::string text;
  for (const run::Mutant& mutant : mutants) {
    const MutantTrial& trial = trials.at(mutant.id);
    text += fmt::format("{:<6}{:<10}{:<26}{:<32}{}\n", mutant.id,
                        trial.killed() ? "killed" : "SURVIVED", mutant.scenario, mutant.statement,
                        trial.killed() ? Cost(trial) : "");
    if (!trial.killed()) {
      text += fmt::format("      killed from {} of {} base seeds; otherwise it ended as: {}\n",
                          trial.seeds_to_kill.size(), trial.plays, trial.instead);
    }
    text += report::Wrapped(mutant.description, "      ");
    text += report::Wrapped(Reached(trial), "      ");
  }
  return text;
}

std::string MatrixInMarkdown(const std::vector<run::Mutant>& mutants, const MutantTrials& trials) {
  std::string text =
      "| mutant | what is wrong | scenario | rule | seeds | events | seconds | reached |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const run::Mutant& mutant : mutants) {
    const MutantTrial& trial = trials.at(mutant.id);
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {:.3f} | {} |\n", mutant.id,
                        mutant.description, mutant.scenario, mutant.statement,
                        trial.killed() ? std::to_string(trial.MedianSeeds()) : "SURVIVED",
                        report::ShortCount(trial.Events()), trial.Seconds(),
                        report::ShortCount(trial.Reached()));
  }
  return text;
}

}  // namespace quorum::cli
