#include "grader/report/failure_text.h"

#include <fmt/format.h>

#include <algorithm>

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
  to += fmt::format("  {}\n", title);
  const std::vector<std::string> lines = absl::StrSplit(std::string(text), '\n', absl::SkipEmpty());
  for (const std::string& line : lines) {
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    to += Wrapped(line.substr(blanks), std::string(kIndent) + std::string(blanks, ' '));
  }
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

/// A step that repeats the one before it has its number, and no text of its own.
void AddSteps(const Failure& failure, std::string& to) {
  const auto& steps = failure.steps();
  if (steps.empty()) return;
  to += "  What led there\n";
  for (int at = 0; at < steps.size();) {
    int next = at + 1;
    while (next < steps.size() && steps[next] == steps[at]) ++next;
    const std::string first = fmt::format("{}{:>2}. ", kIndent, at + 1);
    const std::string rest(first.size(), ' ');
    std::string wrapped = Wrapped(steps[at], rest);
    wrapped.replace(0, first.size(), first);
    to += wrapped;
    if (next - at == 2) to += fmt::format("{}{:>2}. The same again.\n", kIndent, next);
    if (next - at > 2) to += fmt::format("{}up to {}. The same again.\n", kIndent, next);
    at = next;
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

/// Why nothing can be said, when no single run is to blame.
void AddUnobserved(const Outcome& outcome, std::string& to) {
  for (const std::string& what : outcome.unobserved) {
    AddSection("Never seen over all seeds",
               fmt::format("{}. The scenario exists for that; play more seeds (--seeds).", what),
               to);
  }
}

}  // namespace

std::string CommandOf(const Outcome& outcome, const std::string& impl) {
  if (!outcome.plan_file.empty()) return fmt::format("./quorum replay {}", outcome.plan_file);
  return fmt::format("./quorum grade {} --impl {} --seed {} --seeds 1",
                     run::FullName(*outcome.scenario), impl, outcome.deciding->seed());
}

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
  AddSection("Once more", CommandOf(outcome, impl), text);
  if (!outcome.deciding->diagram().empty() && !outcome.plan_file.empty()) {
    const std::uint32_t node = std::max(1u, outcome.deciding->failure().node());
    text += fmt::format("{}(--trace draws all of it, --node {} --gdb stops in that node's code)\n",
                        kIndent, node);
  }
  return text;
}

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

}  // namespace quorum::report
