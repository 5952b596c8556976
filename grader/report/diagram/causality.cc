#include "grader/report/diagram/causality.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace quorum::report {

using sim::TraceKind;
using sim::TraceRecord;

Causality::Causality(const sim::Trace& trace) {
  const std::vector<TraceRecord>& records = trace.records();
  before_.resize(records.size(), kNone);
  sending_.resize(records.size(), kNone);
  std::unordered_map<NodeId, std::size_t> latest;
  std::unordered_map<std::uint64_t, std::size_t> sent;
  std::unordered_map<NodeId, std::size_t> died;
  const auto find = [](const auto& map, auto key) {
    const auto found = map.find(key);
    return found == map.end() ? kNone : found->second;
  };
  for (std::size_t index = 0; index < records.size(); ++index) {
    const TraceRecord& record = records[index];
    if (record.node == 0) continue;
    before_[index] = find(latest, record.node);
    latest[record.node] = index;
    if (record.kind == TraceKind::kSend) sent[record.id] = index;
    if (record.kind == TraceKind::kCrash) died[record.node] = index;
    if (record.kind == TraceKind::kDeliver || record.kind == TraceKind::kTimeout) {
      sending_[index] = find(sent, record.id);
      if (sending_[index] == kNone) sending_[index] = find(died, record.peer);
    }
  }
}

std::vector<bool> Causality::PastOf(const std::vector<std::size_t>& ends) const {
  std::vector<bool> past(before_.size(), false);
  for (const std::size_t end : ends) past[end] = true;
  // Causes come before their effects, so one pass backwards meets each record after its effects.
  for (std::size_t index = past.size(); index-- > 0;) {
    if (!past[index]) continue;
    if (before_[index] != kNone) past[before_[index]] = true;
    if (sending_[index] != kNone) past[sending_[index]] = true;
  }
  return past;
}

std::vector<VectorClock> VectorClocks(const sim::Trace& trace, const Causality& causality,
                                      const std::vector<bool>& counts) {
  const std::vector<TraceRecord>& records = trace.records();
  std::vector<VectorClock> clocks;
  std::unordered_map<NodeId, VectorClock> now;
  std::unordered_map<std::size_t, VectorClock> at_sending;
  for (std::size_t index = 0; index < records.size(); ++index) {
    const TraceRecord& record = records[index];
    VectorClock& clock = now[record.node];
    if (const auto sent = at_sending.find(causality.Sending(index)); sent != at_sending.end()) {
      for (const auto& [node, count] : sent->second) clock[node] = std::max(clock[node], count);
    }
    if (counts[index]) {
      ++clock[record.node];
      clocks.push_back(clock);
    }
    const bool told = record.kind == TraceKind::kSend || record.kind == TraceKind::kCrash;
    if (told) at_sending[index] = clock;
  }
  return clocks;
}

}  // namespace quorum::report
