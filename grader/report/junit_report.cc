#include "grader/report/junit_report.h"

#include <fmt/format.h>

#include "grader/report/failure_text.h"
#include "grader/report/text.h"

namespace quorum::report {
namespace {

using run::Outcome;

/// `text` as it may stand in XML; characters that XML cannot hold become question marks.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) >= ' ' || c == '\n' || c == '\t' ? c : '?';
    }
  }
  return escaped;
}

double Seconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e9; }

std::string CaseOf(const Outcome& outcome, const std::string& suite, const std::string& impl) {
  std::string text = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">\n",
                                 Escaped(suite), outcome.scenario->name, Seconds(outcome.wall_ns));
  const auto add = [&](std::string_view element) {
    const std::string rule = outcome.deciding ? outcome.deciding->failure().statement() : "";
    text += fmt::format("      <{0} message=\"{1}\">{2}</{0}>\n", element, Escaped(rule),
                        Escaped(FailureText(outcome, impl, false)));
  };
  switch (outcome.verdict) {
    case Outcome::Verdict::kFailed:
      add("failure");
      break;
    case Outcome::Verdict::kGraderFault:
      add("error");
      break;
    case Outcome::Verdict::kInconclusive:
      add("skipped");
      break;
    case Outcome::Verdict::kPassed:
    case Outcome::Verdict::kDemonstration:
      break;
  }
  return text + "    </testcase>\n";
}

std::string SuiteOf(const Outcome& outcome, const std::string& impl) {
  return fmt::format("{}.{}.{}", impl, outcome.scenario->lab, outcome.scenario->part);
}

int Count(const std::vector<Outcome>& outcomes, const std::string& suite, const std::string& impl,
          const auto& counted) {
  int count = 0;
  for (const Outcome& outcome : outcomes) {
    if (SuiteOf(outcome, impl) == suite && counted(outcome.verdict)) ++count;
  }
  return count;
}

}  // namespace

std::string JunitReport(const std::vector<Outcome>& outcomes, const std::string& implementation) {
  using Verdict = Outcome::Verdict;
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  std::string open;
  for (const Outcome& outcome : outcomes) {
    const std::string suite = SuiteOf(outcome, implementation);
    if (suite != open) {
      const auto count = [&](const auto& counted) {
        return Count(outcomes, suite, implementation, counted);
      };
      if (!open.empty()) text += "  </testsuite>\n";
      text += fmt::format(
          "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
          Escaped(suite), count([](Verdict) { return true; }),
          count([](Verdict verdict) { return verdict == Verdict::kFailed; }),
          count([](Verdict verdict) { return verdict == Verdict::kGraderFault; }),
          count([](Verdict verdict) { return verdict == Verdict::kInconclusive; }));
      open = suite;
    }
    text += CaseOf(outcome, suite, implementation);
  }
  if (!open.empty()) text += "  </testsuite>\n";
  return text + "</testsuites>\n";
}

}  // namespace quorum::report
