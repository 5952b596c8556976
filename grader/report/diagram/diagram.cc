#include "grader/report/diagram/diagram.h"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "grader/report/diagram/causality.h"
#include "grader/report/diagram/narrator.h"
#include "grader/report/diagram/sheet.h"

namespace quorum::report {
namespace {

using sim::TraceKind;
using sim::TraceRecord;

/// After so many lines the lanes are named again.
constexpr std::size_t kPage = 50;

/// The records that an excerpt is taken from.
std::vector<bool> Relevant(const sim::Trace& trace, const Causality& causality, NodeId node) {
  const std::vector<TraceRecord>& records = trace.records();
  std::vector<std::size_t> ends;
  std::size_t last = Causality::kNone;
  for (std::size_t index = 0; index < records.size(); ++index) {
    if (records[index].kind == TraceKind::kReturn) ends.push_back(index);
    if (records[index].node == node) last = index;
  }
  if (node == 0 || last == Causality::kNone) return std::vector<bool>(records.size(), true);
  ends.push_back(last);
  return causality.PastOf(ends);
}

/// Which records are drawn.
struct Choice {
  std::vector<bool> chosen;
  std::size_t before = 0;  ///< so many lines come before those that are drawn
};

/// The last `lines` of those that matter. Faults and steps are drawn from the first line on.
Choice Choose(const sim::Trace& trace, const Causality& causality,
              const std::optional<Ending>& ending, std::size_t lines) {
  Choice choice{.chosen = RecordsWithLines(trace)};
  if (lines == 0) return choice;
  std::vector<bool>& chosen = choice.chosen;
  const std::vector<TraceRecord>& records = trace.records();
  const std::vector<bool> relevant = Relevant(trace, causality, ending ? ending->node : 0);
  std::size_t left = lines;
  for (std::size_t index = records.size(); index-- > 0;) {
    const bool drawn = left > 0 && chosen[index];
    if (records[index].node == 0 || !chosen[index]) {
      chosen[index] = drawn;
      continue;
    }
    // A timer that did nothing one can see; the last one may have brought about the end.
    const bool idle = records[index].kind == TraceKind::kTimer && index + 1 < records.size();
    const bool matters = relevant[index] && !idle;
    chosen[index] = drawn && matters;
    if (chosen[index]) --left;
    if (matters && !drawn) ++choice.before;
  }
  return choice;
}

/// The nodes that have a part in what is drawn; a boot alone is none.
std::set<NodeId> NodesOf(const sim::Trace& trace, const std::vector<bool>& chosen) {
  std::set<NodeId> nodes;
  for (std::size_t index = 0; index < chosen.size(); ++index) {
    const TraceRecord& record = trace.records()[index];
    if (!chosen[index] || record.node == 0 || record.kind == TraceKind::kBoot) continue;
    nodes.insert(record.node);
    if (record.peer != 0) nodes.insert(record.peer);
  }
  return nodes;
}

void FollowLane(const TraceRecord& record, Sheet& sheet) {
  switch (record.kind) {
    case TraceKind::kBoot:
    case TraceKind::kResume:
      return sheet.SetLane(record.node, '|');
    case TraceKind::kPause:
      return sheet.SetLane(record.node, ':');
    case TraceKind::kCrash:
      return sheet.SetLane(record.node, '.');
    default:
      return;
  }
}

}  // namespace

std::string Diagram(const sim::Trace& trace, const std::optional<Ending>& ending,
                    const DiagramOptions& options) {
  const std::vector<TraceRecord>& records = trace.records();
  const Causality causality(trace);
  const auto [chosen, before] = Choose(trace, causality, ending, options.lines);
  std::set<NodeId> nodes = NodesOf(trace, chosen);
  if (ending && ending->node != 0) nodes.insert(ending->node);
  Narrator narrator(trace, causality);
  Sheet sheet(nodes, options.width);
  if (before > 0) {
    sheet.Draw(0, {.mark = '.', .text = fmt::format("{} lines come before these", before)});
  }
  std::size_t drawn = 0;
  for (std::size_t index = 0; index < records.size(); ++index) {
    const NodeId node = records[index].node;
    if (chosen[index] && (node == 0 || nodes.contains(node))) {
      if (drawn++ % kPage == 0) sheet.Header();
      const std::size_t sending = causality.Sending(index);
      const bool told = sending != Causality::kNone && chosen[sending];
      sheet.Draw(records[index].at, narrator.Tell(index, told));
    }
    FollowLane(records[index], sheet);
    narrator.Pass(index);
  }
  if (ending) {
    sheet.Draw(records.empty() ? 0 : records.back().at,
               {.node = ending->node, .mark = '#', .text = ending->text});
  }
  return sheet.Take();
}

}  // namespace quorum::report
