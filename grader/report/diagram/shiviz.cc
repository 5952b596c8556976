#include "grader/report/diagram/shiviz.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "grader/report/diagram/causality.h"
#include "grader/report/diagram/narrator.h"

namespace quorum::report {
namespace {

constexpr std::string_view kExpression =
    R"((?<time>\S+) (?<event>.*)\n(?<host>\S+) (?<clock>\{.*\}))";

std::string HostOf(NodeId node) { return node == 0 ? "scenario" : fmt::format("node-{}", node); }

std::string ClockText(const VectorClock& clock) {
  std::vector<std::string> entries;
  for (const auto& [node, count] : clock) {
    entries.push_back(fmt::format("\"{}\":{}", HostOf(node), count));
  }
  return fmt::format("{{{}}}", fmt::join(entries, ", "));
}

}  // namespace

std::string ShiViz(const sim::Trace& trace) {
  const Causality causality(trace);
  const std::vector<bool> events = RecordsWithLines(trace);
  const std::vector<VectorClock> clocks = VectorClocks(trace, causality, events);
  Narrator narrator(trace, causality);
  std::string log = fmt::format("{}\n\n", kExpression);
  std::size_t event = 0;
  for (std::size_t index = 0; index < events.size(); ++index) {
    if (events[index]) {
      const sim::TraceRecord& record = trace.records()[index];
      std::string text = narrator.Tell(index, /*told=*/true).text;
      std::replace(text.begin(), text.end(), '\n', ' ');
      log += fmt::format("{:.3f} {}\n{} {}\n", static_cast<double>(record.at) / 1e6, text,
                         HostOf(record.node), ClockText(clocks[event++]));
    }
    narrator.Pass(index);
  }
  return log;
}

}  // namespace quorum::report
