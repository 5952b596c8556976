#include "grader/cli/mutants_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <thread>

#include "grader/cli/build.h"
#include "grader/cli/paths.h"
#include "grader/report/text.h"
#include "grader/run/campaign.h"
#include "grader/run/mutant.h"

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
  int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
};

/// What became of one mutant under its scenario, a base seed each.
struct Trial {
  std::vector<std::uint64_t> seeds_to_kill;
  std::uint64_t events = 0;
  std::string instead;  ///< how else it ended, if it was not killed as it should be
};

int BadInput(std::string_view message) {
  fmt::print(stderr, "quorum: {}\n", message);
  return 2;
}

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

void Judge(const Mutant& mutant, const Outcome& outcome, Trial& trial) {
  trial.events += outcome.events;
  const std::string end = EndOf(outcome);
  if (outcome.verdict == Outcome::Verdict::kFailed && end == mutant.statement) {
    trial.seeds_to_kill.push_back(outcome.seeds_run);
  } else {
    trial.instead = end;
  }
}

/// Plays each mutant's scenario on it, from each base seed.
std::map<std::string, Trial> PlayAll(const MutantsOptions& options,
                                     const std::vector<Mutant>& mutants) {
  std::map<std::string, Trial> trials;
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
      campaign.Add(*FindScenario(options.lab, mutant.scenario), settings);
    }
    campaign.Run();
  }
  return trials;
}

std::uint64_t Median(std::vector<std::uint64_t> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Prints the matrix; true when every mutant was killed from every base seed.
bool Print(const MutantsOptions& options, const std::vector<Mutant>& mutants,
           std::map<std::string, Trial>& trials) {
  bool all_killed = true;
  for (const Mutant& mutant : mutants) {
    const Trial& trial = trials[mutant.id];
    const bool killed = trial.seeds_to_kill.size() == options.base_seeds;
    all_killed = all_killed && killed;
    fmt::print("{:<6}{:<10}{}  {}\n", mutant.id, killed ? "killed" : "SURVIVED", mutant.scenario,
               mutant.statement);
    if (killed) {
      fmt::print("      {} of {} base seeds, in the median with {} seeds; {} events in all\n",
                 trial.seeds_to_kill.size(), options.base_seeds, Median(trial.seeds_to_kill),
                 report::ShortCount(trial.events));
    } else {
      fmt::print("      killed from {} of {} base seeds; otherwise it ended as: {}\n",
                 trial.seeds_to_kill.size(), options.base_seeds, trial.instead);
    }
    fmt::print("{}", report::Wrapped(mutant.description, "      "));
  }
  return all_killed;
}

int GradeTheGrader(const MutantsOptions& options) {
  const auto mutants = Choose(options);
  if (!mutants.ok()) return BadInput(std::string(mutants.status().message()));
  std::vector<std::string> targets;
  for (const Mutant& mutant : *mutants) {
    if (FindScenario(options.lab, mutant.scenario) == nullptr) {
      return BadInput(fmt::format("The mutant {} names the scenario {}.{}, which does not exist.",
                                  mutant.id, options.lab, mutant.scenario));
    }
    targets.push_back(fmt::format("mutant_{}_{}", options.lab, mutant.id));
  }
  if (!Build(BuildFolder(), targets).ok) return 4;
  auto trials = PlayAll(options, *mutants);
  const bool all_killed = Print(options, *mutants, trials);
  fmt::print("\n{} of the {} mutants of {} {}.\n", all_killed ? "All" : "Not all", mutants->size(),
             options.lab, all_killed ? "are killed" : "are killed: the grader misses a known bug");
  return all_killed ? 0 : 1;
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
  verb.footer(
      "Exit code: 0 every mutant is killed, 1 one survives, 2 bad input, 4 a mutant does not "
      "build.");
  verb.callback([options, &exit_code] { exit_code = GradeTheGrader(*options); });
}

}  // namespace quorum::cli
