#include "grader/report/failure_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "grader/faults/shrink.h"
#include "grader/report/plan_text.h"
#include "grader/report/text.h"
#include "grader/run/play.h"

namespace quorum::report {
namespace {

using run::Failure;
using run::Outcome;
using run::RunResult;

constexpr std::string_view kIndent = "    ";
constexpr std::size_t kEnoughOfAStep = 40;
constexpr std::size_t kOutputLines = 40;

/// One section: what it tells, then the text, wrapped below.
void AddSection(std::string_view title, std::string_view text, std::string& to) {
  if (text.empty()) return;
  to += fmt::format("  {}\n{}", title, Wrapped(text, kIndent));
}

/// "its constructor" is no handler's name.
std::string Spot(const std::string& handler) {
  return handler.starts_with("its ") ? handler : "its handler of " + handler;
}

std::string Where(const Failure& failure) {
  if (failure.node() == 0) return "";
  if (failure.handler().empty()) return fmt::format("Node {}.", failure.node());
  return fmt::format("Node {}, in {}.", failure.node(), Spot(failure.handler()));
}

void AddLines(std::string_view title, const auto& lines, std::string& to) {
  if (lines.empty()) return;
  to += fmt::format("  {}\n", title);
  for (const auto& line : lines) to += fmt::format("{}{}\n", kIndent, line);
}

void AddSteps(const Failure& failure, std::string& to) {
  if (failure.steps().empty()) return;
  to += "  What led there\n";
  int number = 0;
  for (const std::string& step : failure.steps()) {
    const std::string first = fmt::format("{}{:>2}. ", kIndent, ++number);
    const std::string rest(first.size(), ' ');
    std::string wrapped = Wrapped(step, rest);
    wrapped.replace(0, first.size(), first);
    to += wrapped;
  }
}

/// What the run takes to fail.
void AddPlan(const faults::Plan& plan, std::string& to) {
  std::string title = "The plan";
  if (plan.has_shrinking()) {
    title = fmt::format("What it takes: {} of the {} faults and operations that the seed drew",
                        faults::CountItems(plan), plan.shrinking().items_before());
    if (plan.shrinking().budget_spent()) title += "; fewer might do";
  } else if (!plan.profile().empty()) {
    title += fmt::format(", drawn from the profile \"{}\"", plan.profile());
  }
  AddLines(title, PlanLines(plan), to);
}

/// The diagram says what happened, and the steps in between; steps that it has no room for are told
/// before it.
void AddStory(const RunResult& result, std::string& to) {
  const auto& steps = result.failure().steps();
  const bool drawn = std::all_of(steps.begin(), steps.end(), [&](const std::string& step) {
    return result.diagram().find(step.substr(0, kEnoughOfAStep)) != std::string::npos;
  });
  if (!drawn) AddSteps(result.failure(), to);
}

void AddOutput(const Failure& failure, std::string& to) {
  const std::string& output = failure.output();
  const bool built = failure.statement() != "module.builds";
  std::vector<std::string> lines = absl::StrSplit(output, '\n', absl::SkipEmpty());
  if (lines.size() > kOutputLines) lines.resize(kOutputLines);
  AddLines(built ? "What the process printed" : "What the compiler printed", lines, to);
}

void AddFailure(const RunResult& result, std::string& to) {
  const Failure& failure = result.failure();
  if (failure.kind() == run::FAILURE_NOT_WRITTEN) {
    AddSection("Not written yet", fmt::format("{} ({})", failure.sentence(), failure.source()), to);
    return;
  }
  std::string rule = failure.sentence();
  if (!failure.statement().empty()) rule += fmt::format(" [{}]", failure.statement());
  if (!failure.source().empty()) rule += fmt::format(" ({})", failure.source());
  AddSection("The rule that broke", rule, to);
  AddSection("What was seen", failure.detail(), to);
  AddSection("Whose server", failure.blame(), to);
  AddSection("Where", Where(failure), to);
  AddLines("The functions that were running, innermost first", failure.backtrace(), to);
  AddOutput(failure, to);
  AddStory(result, to);
  AddPlan(result.plan(), to);
  if (!result.diagram().empty()) to += "  What happened\n" + result.diagram();
}

/// What is told of a failure that scenarios share: of a stub, or of a module that is refused. Empty
/// for one that has a story of its own.
std::string SharedText(const Outcome& outcome) {
  if (!outcome.deciding) return "";
  const Failure& failure = outcome.deciding->failure();
  if (failure.kind() == run::FAILURE_NOT_WRITTEN) {
    return Wrapped(fmt::format("Not written yet: {} ({})", failure.sentence(), failure.source()),
                   "");
  }
  if (failure.kind() != run::FAILURE_REFUSED) return "";
  std::string text =
      Wrapped(fmt::format("Not played: {} [{}]", failure.sentence(), failure.statement()), "");
  for (const auto& finding : absl::StrSplit(failure.detail(), '\n')) {
    text += Wrapped(std::string(finding), kIndent);
  }
  AddOutput(failure, text);
  return text;
}

/// A crash in one place is met in many scenarios, and its report is long: it is printed once.
class Crashes {
 public:
  Outcome Abridged(Outcome outcome) {
    if (!outcome.deciding || outcome.deciding->failure().backtrace().empty()) return outcome;
    Failure& failure = *outcome.deciding->mutable_failure();
    const std::string place = absl::StrJoin(failure.backtrace(), "\n");
    const auto [first, fresh] = met_in_.try_emplace(place, run::FullName(*outcome.scenario));
    if (!fresh && !failure.output().empty()) {
      failure.set_output(fmt::format("Much the same as in {}, above.", first->second));
    }
    return outcome;
  }

 private:
  std::map<std::string, std::string> met_in_;  // scenarios by backtrace
};

/// Why nothing can be said, when no single run is to blame.
void AddUnobserved(const Outcome& outcome, std::string& to) {
  for (const std::string& what : outcome.unobserved) {
    AddSection("Never seen over all seeds",
               fmt::format("{}. The scenario exists for that; play more seeds (--seeds).", what),
               to);
  }
}

}  // namespace

std::string FailureText(const Outcome& outcome, const std::string& impl, bool coloured) {
  const std::string name = run::FullName(*outcome.scenario);
  std::string title = fmt::format("{} {}", name, NameOf(outcome.verdict));
  const bool played = outcome.deciding && outcome.seeds_run > 0;
  if (played) title += fmt::format(", seed {}", outcome.deciding->seed());
  std::string text = Painted(InkOf(outcome.verdict), title, coloured) + "\n";
  AddSection("The story", outcome.scenario->story, text);
  if (!outcome.deciding) {
    AddUnobserved(outcome, text);
    return text;
  }
  AddFailure(*outcome.deciding, text);
  const run::FailureKind kind = outcome.deciding->failure().kind();
  if (kind == run::FAILURE_NOT_WRITTEN || kind == run::FAILURE_REFUSED) return text;
  AddSection("Once more",
             outcome.plan_file.empty()
                 ? fmt::format("./quorum grade {} --impl {} --seed {} --seeds 1", name, impl,
                               outcome.deciding->seed())
                 : fmt::format("./quorum replay {}", outcome.plan_file),
             text);
  if (!outcome.deciding->diagram().empty() && !outcome.plan_file.empty()) {
    const std::uint32_t node = std::max(1u, outcome.deciding->failure().node());
    text += fmt::format("{}(--trace draws all of it, --node {} --gdb stops in that node's code)\n",
                        kIndent, node);
  }
  return text;
}

std::string PassingText(const Outcome& outcome, bool coloured) {
  const RunResult& run = *outcome.shown;
  std::string text = "\n" +
                     Painted(InkOf(outcome.verdict),
                             fmt::format("{} {}, seed {}", run::FullName(*outcome.scenario),
                                         NameOf(outcome.verdict), run.seed()),
                             coloured) +
                     "\n";
  AddSection("The story", outcome.scenario->story, text);
  if (!run.diagram().empty()) text += "  What happened\n" + run.diagram();
  return text;
}

std::string FailureTexts(const std::vector<Outcome>& outcomes, const std::string& impl,
                         bool coloured) {
  std::string text;
  Crashes crashes;
  std::vector<std::pair<std::string, std::vector<const Outcome*>>> shared;  // by what is told
  for (const Outcome& outcome : outcomes) {
    if (outcome.verdict == Outcome::Verdict::kPassed) continue;
    const std::string told = SharedText(outcome);
    if (told.empty()) {
      if (outcome.deciding || !outcome.unobserved.empty()) {
        text += "\n" + FailureText(crashes.Abridged(outcome), impl, coloured);
      }
      continue;
    }
    const auto known = std::find_if(shared.begin(), shared.end(),
                                    [&](const auto& group) { return group.first == told; });
    if (known != shared.end()) {
      known->second.push_back(&outcome);
    } else {
      shared.push_back({told, {&outcome}});
    }
  }
  for (const auto& [told, group] : shared) {
    std::vector<std::string> names;
    for (const Outcome* outcome : group) names.push_back(run::FullName(*outcome->scenario));
    text += fmt::format("\n{}{}", Painted(Ink::kRed, told, coloured),
                        Wrapped("Met in " + absl::StrJoin(names, ", ") + ".", kIndent));
  }
  return text;
}

}  // namespace quorum::report
