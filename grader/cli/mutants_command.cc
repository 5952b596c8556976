#include "grader/cli/mutants_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "grader/cli/bad_input.h"
#include "grader/cli/build.h"
#include "grader/cli/mutants_matrix.h"
#include "grader/cli/paths.h"
#include "grader/report/text.h"
#include "grader/run/campaign.h"
#include "grader/run/mutant.h"
#include "grader/scenarios/stands_on.h"

namespace quorum::cli {
namespace {

using grader::Scenario;
using run::Mutant;
using run::Outcome;

/// Base seeds lie this far apart, so that their seeds do not overlap.
constexpr std::uint64_t kBaseSeedStep = 1'000'000;

struct MutantsOptions {
  std::string lab;
  std::vector<std::string> ids;
  std::uint64_t base_seeds = 5;
  bool markdown = false;
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
};

absl::StatusOr<std::vector<Mutant>> Choose(const MutantsOptions& options) {
  auto mutants = run::ReadMutants(SourceFolder() / "solutions" / "mutants" / options.lab);
  if (!mutants.ok() || options.ids.empty()) return mutants;
  std::vector<Mutant> chosen;
  for (const std::string& id : options.ids) {
    const auto found = std::find_if(mutants->begin(), mutants->end(),
                                    [&](const Mutant& mutant) { return mutant.id == id; });
    if (found == mutants->end()) {
      return absl::NotFoundError(fmt::format("{} has no mutant {}.", options.lab, id));
    }
    chosen.push_back(*found);
  }
  return chosen;
}

const Scenario* FindScenario(const std::string& lab, const std::string& name) {
  for (const Scenario& scenario : grader::AllScenarios()) {
    if (scenario.lab == lab && scenario.name == name) return &scenario;
  }
  return nullptr;
}

/// How a run ended, as the patches name it.
std::string EndOf(const Outcome& outcome) {
  if (outcome.verdict != Outcome::Verdict::kFailed) {
    return std::string(report::NameOf(outcome.verdict));
  }
  return outcome.deciding->failure().statement();
}

void Judge(const Mutant& mutant, const Outcome& outcome, MutantTrial& trial) {
  ++trial.plays;
  trial.events += outcome.events;
  trial.wall_ns += outcome.wall_ns;
  trial.reached += outcome.reached;
  const std::string end = EndOf(outcome);
  if (outcome.verdict == Outcome::Verdict::kFailed && end == mutant.statement) {
    trial.seeds_to_kill.push_back(outcome.seeds_run);
  } else {
    trial.instead = end;
  }
}

/// Plays each mutant's scenario on it, from each base seed.
MutantTrials PlayAll(const MutantsOptions& options, const std::vector<Mutant>& mutants) {
  MutantTrials trials;
  run::Pool pool(options.jobs, {"worker"});
  for (std::uint64_t base = 0; base < options.base_seeds; ++base) {
    std::size_t next = 0;  // outcomes come in the order in which the scenarios were added
    run::Campaign campaign(pool, {1 + base * kBaseSeedStep, 0}, [&](const Outcome& outcome) {
      const Mutant& mutant = mutants[next++];
      Judge(mutant, outcome, trials[mutant.id]);
    });
    for (const Mutant& mutant : mutants) {
      run::Settings settings;
      settings.modules = {
          (BuildFolder() / "modules" / "mutants" / options.lab / (mutant.id + ".so")).string()};
      for (const std::string& other : grader::StandsOn(options.lab)) {
        settings.modules.push_back(
            (BuildFolder() / "modules" / "solutions" / (other + ".so")).string());
      }
      campaign.Add(*FindScenario(options.lab, mutant.scenario), settings);
    }
    campaign.Run();
  }
  return trials;
}

int GradeTheGrader(const MutantsOptions& options) {
  const auto mutants = Choose(options);
  if (!mutants.ok()) return BadInput(mutants.status());
  std::vector<std::string> targets;
  for (const Mutant& mutant : *mutants) {
    if (FindScenario(options.lab, mutant.scenario) == nullptr) {
      return BadInput(absl::NotFoundError(
          fmt::format("The mutant {} names the scenario {}.{}, which does not exist.", mutant.id,
                      options.lab, mutant.scenario)));
    }
    targets.push_back(fmt::format("mutant_{}_{}", options.lab, mutant.id));
  }
  for (const std::string& other : grader::StandsOn(options.lab)) {
    targets.push_back("module_solutions_" + other);
  }
  if (!Build(BuildFolder(), targets).ok) return 4;
  const MutantTrials trials = PlayAll(options, *mutants);
  fmt::print(
      "{}", options.markdown ? MatrixInMarkdown(*mutants, trials) : MatrixInText(*mutants, trials));
  const auto survivors = std::count_if(mutants->begin(), mutants->end(), [&](const Mutant& mutant) {
    return !trials.at(mutant.id).killed();
  });
  fmt::print("\n{}\n", survivors == 0
                           ? fmt::format("All {} mutants of {} are killed, from each of {} base "
                                         "seeds.",
                                         mutants->size(), options.lab, options.base_seeds)
                           : fmt::format("{} of the {} mutants of {} survive: the grader misses a "
                                         "known bug.",
                                         survivors, mutants->size(), options.lab));
  return survivors == 0 ? 0 : 1;
}

}  // namespace

void AddMutantsCommand(CLI::App& app, int& exit_code) {
  CLI::App& verb = *app.add_subcommand("mutants", "Grade the grader: does it find known bugs?");
  auto options = std::make_shared<MutantsOptions>();
  verb.add_option("lab", options->lab, "A lab, for example hash_ring")->required();
  verb.add_option("id", options->ids, "Mutants of solutions/mutants/LAB, without .patch");
  verb.add_option("--base-seeds", options->base_seeds,
                  "From how many seeds, far apart, each scenario begins; all must find the bug")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb.add_option("--jobs", options->jobs, "How many worker processes play at a time")
      ->check(CLI::PositiveNumber);
  verb.add_flag("--markdown", options->markdown, "Print the matrix as docs/mutants/LAB.md has it");
  verb.footer(
      "Exit code: 0 every mutant is killed, 1 one survives, 2 bad input, 4 a mutant does not "
      "build.");
  verb.callback([options, &exit_code] { exit_code = GradeTheGrader(*options); });
}

}  // namespace quorum::cli
