#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "grader/explore/local_graph.h"

namespace quorum::explore {

inline constexpr std::size_t kMostNodes = 7;

/// A state of a world. The histories of its nodes determine everything else: messages in flight are
/// those that were sent and have not been received, and budgets are counted in events.
struct State {
  /// Set in `flight`: this request was delivered, but may be delivered once more.
  static constexpr std::uint32_t kDelivered = 1u << 31;

  std::array<std::uint32_t, kMostNodes> locals = {};
  Budgets left = {};
  absl::InlinedVector<std::uint32_t, 24> flight = {};  ///< messages that can arrive
};

/// Something that may happen in a state: an event at a node, and what it costs.
struct Action {
  std::uint8_t node;
  Budgets cost;
  std::uint32_t event;
};

/// What is wrong with a state.
struct Breach {
  grader::Statement statement = {};
  std::string sentence = {};  ///< of `statement`, for failures whose sentence is the student's own
  std::string source = {};
  std::string detail = {};
  NodeId node = 0;
  std::optional<sim::Failure> failure = {};  ///< the node's code failed; otherwise a rule is broken
};

/// The states of a world, and what leads from one to the next.
class Space {
 public:
  Space(const WorldSpec& spec, const std::vector<NodeFactory>& factories)
      : spec_(spec), graph_(spec, factories) {}

  LocalGraph& graph() { return graph_; }
  const WorldSpec& spec() const { return spec_; }
  std::size_t nodes() const { return spec_.nodes.size(); }

  /// Every node has booted, and no operation has begun.
  State Start() const;

  /// Calls `visit(action)` for all that may happen in `state`, in an order that is always the same.
  template <class Visit>
  void ForEachAction(const State& state, Visit visit);

  std::uint32_t NextLocal(const State& state, const Action& action) {
    return graph_.Next(state.locals[action.node], action.event);
  }
  /// Makes `state` what it is after `action`, which leads to the history `next` of its node.
  void Apply(const Action& action, std::uint32_t next, State& state) const;

  /// Whether something is wrong in `state` whose latest event has led to the history `next`;
  /// `before` is the history of that node before. Cheap when nothing relevant was seen.
  bool IsBroken(const State& state, std::uint32_t before, std::uint32_t next);
  /// What is wrong, if anything.
  std::optional<Breach> Examine(const State& state) const;

 private:
  bool IsGiven(std::size_t node) const { return spec_.nodes[node].given != nullptr; }
  template <class Visit>
  void Offer(const State& state, const Action& action, Visit& visit);
  std::optional<Breach> JudgeRules(const State& state) const;

  const WorldSpec& spec_;
  LocalGraph graph_;
  absl::flat_hash_map<std::array<std::uint32_t, kMostNodes>, bool> judged_;  // by views
};

template <class Visit>
void Space::Offer(const State& state, const Action& action, Visit& visit) {
  visit(action);
  if (state.left.crashes == 0 || IsGiven(action.node)) return;
  const std::uint32_t next = NextLocal(state, action);
  if (graph_[next].failed) return;
  // A crash before the first effect is a crash before the event; one after the last comes after it.
  Event event = graph_.EventAt(action.event);
  for (std::uint16_t cut = 1; cut + 1 < graph_[next].cuts_count; ++cut) {
    const std::uint8_t unsynced = graph_.Cuts(graph_[next])[cut];
    for (std::uint8_t kept = 0; kept <= unsynced; ++kept) {
      event.cut = cut;
      event.kept = kept;
      Action crash = action;
      crash.cost.crashes = 1;
      crash.event = graph_.EventNumber(event);
      visit(crash);
    }
  }
}

template <class Visit>
void Space::ForEachAction(const State& state, Visit visit) {
  for (const std::uint32_t entry : state.flight) {
    const LocalGraph::Arrival arrival = graph_.ArrivalOf(entry & ~State::kDelivered);
    Action action{arrival.node, {}, arrival.event};
    if ((entry & State::kDelivered) != 0) {
      if (state.left.duplicates == 0 || IsGiven(arrival.node)) continue;
      action.cost.duplicates = 1;
    }
    Offer(state, action, visit);
  }
  const bool quiet = spec_.budgets.timers == 0;  // no timer is ever due
  if (state.left == Budgets()) return;
  for (std::uint8_t node = 0; node < nodes(); ++node) {
    if (IsGiven(node)) continue;
    const Local local = graph_[state.locals[node]];
    if (state.left.timers > 0 && local.has_timer) {
      const std::uint32_t event = graph_.EventNumber({.kind = Event::Kind::kAdvance});
      Offer(state, {node, {.timers = 1}, event}, visit);
    }
    if (state.left.lost_calls > 0 && local.open_count > 0 && (quiet || local.call_is_next)) {
      const std::uint32_t event = graph_.EventNumber({.kind = Event::Kind::kTimeout});
      Offer(state, {node, {.lost_calls = 1}, event}, visit);
    }
    if (state.left.crashes == 0) continue;
    for (std::uint8_t kept = 0; kept <= local.unsynced_left; ++kept) {
      const std::uint32_t event = graph_.EventNumber({.kind = Event::Kind::kCrash, .kept = kept});
      visit(Action{node, {.crashes = 1}, event});
    }
  }
}

}  // namespace quorum::explore
