#include "grader/cli/explore_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "grader/explore/isolated.h"
#include "grader/explore/worlds.h"
#include "grader/report/text.h"

namespace quorum::cli {
namespace {

using explore::Exploration;
using explore::WorldSpec;
using report::Ink;
using report::Painted;
using report::Wrapped;

constexpr char kFooter[] =
    R"(Each world begins with random walks, then everything is visited, nearest first, up to a budget of
states. docs/exploration.md says what it means that a world is exhausted.
Exit codes: 0 nothing is wrong as far as was explored, 1 something is, 2 bad usage, 3 a world could
not be entered with this implementation, 4 a fault of the grader itself.)";

struct Options {
  std::vector<std::string> selections;
  std::string impl = "labs";
  std::uint64_t seed = 1;
  std::uint64_t states = 0;
  std::uint32_t depth = 0;
  std::int64_t walks = -1;
  bool list = false;
};

std::string NameOf(const WorldSpec& world) { return fmt::format("{}.{}", world.lab, world.name); }

std::vector<const WorldSpec*> Select(const std::vector<std::string>& selections) {
  std::vector<const WorldSpec*> worlds;
  for (const WorldSpec& world : explore::AllWorlds()) {
    const bool wanted =
        selections.empty() ||
        std::any_of(selections.begin(), selections.end(), [&](const std::string& selection) {
          return selection == world.lab || selection == NameOf(world);
        });
    if (wanted) worlds.push_back(&world);
  }
  return worlds;
}

int BadInput(std::string_view sentence) {
  fmt::print(stderr, "quorum: {}\n", sentence);
  return 2;
}

std::string Rate(std::uint64_t count, std::int64_t nanoseconds) {
  const double seconds = std::max(1e-6, static_cast<double>(nanoseconds) / 1e9);
  return report::ShortCount(static_cast<std::uint64_t>(static_cast<double>(count) / seconds));
}

/// How far it went.
std::string CoverageText(const Exploration& result) {
  std::string text;
  if (result.walks() > 0) {
    text = fmt::format("{} random walks ({} a second)", result.walks(),
                       Rate(result.walks(), result.walk_ns()));
  }
  if (result.states() == 0) return text;
  return fmt::format("{}{}{} states in {} ({} a second), {} events deep: {}", text,
                     text.empty() ? "" : "; ", result.states(),
                     report::ShortTime(result.search_ns()),
                     Rate(result.states(), result.search_ns()), result.depth(),
                     result.exhausted() ? "all that there are" : "not all that there are");
}

void AddSection(std::string_view title, std::string_view text, std::string& to) {
  if (!text.empty()) to += fmt::format("  {}\n{}", title, Wrapped(text, "    "));
}

void AddTrace(const Exploration& result, std::string& to) {
  const auto& steps = result.failure().steps();
  if (steps.empty()) return;
  to += fmt::format("  What led there: {} events{}\n", steps.size(),
                    result.shortest() ? ", and there is no shorter way" : "");
  int number = 0;
  for (const std::string& step : steps) {
    const std::vector<std::string> lines = absl::StrSplit(step, '\n');
    std::string head = Wrapped(lines[0], std::string(8, ' '));
    head.replace(0, 8, fmt::format("    {:>2}. ", ++number));
    to += head;
    for (std::size_t i = 1; i < lines.size(); ++i) to += Wrapped(lines[i], std::string(12, ' '));
  }
}

std::string FailureText(const WorldSpec& world, const Exploration& result) {
  const run::Failure& failure = result.failure();
  std::string text;
  if (failure.kind() == run::FAILURE_NOT_WRITTEN) {
    AddSection("Not written yet", fmt::format("{} ({})", failure.sentence(), failure.source()),
               text);
    return text;
  }
  AddSection("The world", world.story, text);
  AddSection("The rule that broke",
             fmt::format("{} [{}]{}", failure.sentence(), failure.statement(),
                         failure.source().empty() ? "" : fmt::format(" ({})", failure.source())),
             text);
  AddSection("What was seen", failure.detail(), text);
  if (!failure.handler().empty()) {
    AddSection("Where",
               fmt::format("Node {}, in its handler of {}.", failure.node(), failure.handler()),
               text);
  }
  if (!failure.backtrace().empty()) text += "  The functions that were running, innermost first\n";
  for (const std::string& line : failure.backtrace()) text += fmt::format("    {}\n", line);
  AddSection("What the process printed", failure.output(), text);
  AddTrace(result, text);
  return text;
}

/// Prints what came of a world; returns the exit code that it stands for.
int Report(const WorldSpec& world, const Exploration& result) {
  const bool coloured = isatty(STDOUT_FILENO) != 0;
  const bool fault = result.grader_fault();
  const auto [word, ink, code] = fault ? std::tuple("GRADER FAULT", Ink::kMagenta, 4)
                                 : result.has_failure() ? std::tuple("FAILED", Ink::kRed, 1)
                                 : !result.unreachable().empty()
                                     ? std::tuple("inconclusive", Ink::kYellow, 3)
                                 : result.exhausted() ? std::tuple("exhausted", Ink::kGreen, 0)
                                                      : std::tuple("nothing found", Ink::kGreen, 0);
  fmt::print("{:<28} {}  {}\n", NameOf(world), Painted(ink, word, coloured), CoverageText(result));
  if (result.has_failure()) fmt::print("{}", FailureText(world, result));
  if (!result.unreachable().empty()) fmt::print("{}", Wrapped(result.unreachable(), "    "));
  std::fflush(stdout);
  return code;
}

int Worse(int a, int b) {
  constexpr int kOrder[] = {0, 3, 1, 4};  // exit codes, from good to bad
  const auto rank = [&](int code) { return std::find(kOrder, kOrder + 4, code) - kOrder; };
  return rank(a) < rank(b) ? b : a;
}

int RunExplore(const Options& options, const FindImplementation& find) {
  for (const std::string& selection : options.selections) {
    if (Select({selection}).empty()) {
      return BadInput(fmt::format("There is no world \"{}\"; --list names all.", selection));
    }
  }
  const std::vector<const WorldSpec*> worlds = Select(options.selections);
  explore::ExploreOptions limits;
  limits.seed = options.seed;
  if (options.states > 0) limits.states = options.states;
  if (options.depth > 0) limits.depth = options.depth;
  if (options.walks >= 0) limits.walks = static_cast<std::uint64_t>(options.walks);
  std::map<std::string, std::string> modules;  // by lab
  int exit_code = 0;
  for (const WorldSpec* world : worlds) {
    if (options.list) {
      fmt::print("{}\n{}", NameOf(*world), Wrapped(world->story, "    "));
      continue;
    }
    if (!modules.contains(world->lab)) {
      const auto module = find(options.impl, world->lab);
      if (!module.ok()) return BadInput(std::string(module.status().message()));
      modules[world->lab] = *module;
    }
    const Exploration result = explore::ExploreIsolated(*world, modules[world->lab], limits);
    exit_code = Worse(exit_code, Report(*world, result));
  }
  return exit_code;
}

}  // namespace

void AddExploreCommand(CLI::App& app, int& exit_code, FindImplementation find) {
  CLI::App& verb =
      *app.add_subcommand("explore", "Try every order of events in small worlds of a lab");
  auto options = std::make_shared<Options>();
  verb.add_option("world", options->selections, "Labs or worlds: paxos, paxos.TwoProposers");
  verb.add_option("--impl", options->impl, "labs, solutions, a folder, or a module's file")
      ->capture_default_str();
  verb.add_option("--states", options->states, "Stop after so many states")->type_name("N");
  verb.add_option("--depth", options->depth, "Go no farther than so many events")->type_name("N");
  verb.add_option("--walks", options->walks, "How many random walks come first")->type_name("N");
  verb.add_option("--seed", options->seed, "Of the random walks")->capture_default_str();
  verb.add_flag("--list", options->list, "List the worlds, and do nothing else");
  verb.footer(kFooter);
  verb.callback(
      [options, &exit_code, find = std::move(find)] { exit_code = RunExplore(*options, find); });
}

}  // namespace quorum::cli
