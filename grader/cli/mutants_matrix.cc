#include "grader/cli/mutants_matrix.h"

#include <fmt/format.h>

#include <algorithm>

#include "grader/report/text.h"

namespace quorum::cli {
namespace {

std::string Seeds(std::uint64_t count) {
  return fmt::format("{} seed{}", count, count == 1 ? "" : "s");
}

}  // namespace

std::uint64_t MutantTrial::MedianSeeds() const {
  std::vector<std::uint64_t> sorted = seeds_to_kill;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

std::string MatrixInText(const std::vector<run::Mutant>& mutants, const MutantTrials& trials) {
  std::string text;
  for (const run::Mutant& mutant : mutants) {
    const MutantTrial& trial = trials.at(mutant.id);
    text += fmt::format("{:<6}{:<10}{:<26}{:<32}{}\n", mutant.id,
                        trial.killed() ? "killed" : "SURVIVED", mutant.scenario, mutant.statement,
                        trial.killed() ? Seeds(trial.MedianSeeds()) : "");
    if (!trial.killed()) {
      text += fmt::format("      killed from {} of {} base seeds; otherwise it ended as: {}\n",
                          trial.seeds_to_kill.size(), trial.plays, trial.instead);
    }
    text += report::Wrapped(mutant.description, "      ");
  }
  return text;
}

std::string MatrixInMarkdown(const std::vector<run::Mutant>& mutants, const MutantTrials& trials) {
  std::string text =
      "| mutant | what is wrong | scenario | rule | seeds | events |\n|---|---|---|---|---|---|\n";
  for (const run::Mutant& mutant : mutants) {
    const MutantTrial& trial = trials.at(mutant.id);
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", mutant.id, mutant.description,
                        mutant.scenario, mutant.statement,
                        trial.killed() ? std::to_string(trial.MedianSeeds()) : "SURVIVED",
                        report::ShortCount(trial.events / std::max<std::uint64_t>(1, trial.plays)));
  }
  return text;
}

}  // namespace quorum::cli
