#include "grader/explore/space.h"

#include <algorithm>

namespace quorum::explore {

State Space::Start() const {
  State state;
  state.left = spec_.budgets;
  for (std::size_t node = 0; node < nodes(); ++node) {
    state.locals[node] = graph_.Root(node);
  }
  for (const std::uint32_t operation : graph_.operations()) state.flight.push_back(operation);
  for (std::size_t node = 0; node < nodes(); ++node) {
    const auto sent = graph_.Sent(graph_[graph_.Root(node)]);
    state.flight.insert(state.flight.end(), sent.begin(), sent.end());
  }
  return state;
}

void Space::Apply(const Action& action, std::uint32_t next, State& state) const {
  const Local& local = graph_[next];
  const Event& event = graph_.EventAt(action.event);
  state.locals[action.node] = next;
  state.left.duplicates -= action.cost.duplicates;
  state.left.lost_calls -= action.cost.lost_calls;
  state.left.timers -= action.cost.timers;
  state.left.crashes -= action.cost.crashes;
  auto& flight = state.flight;
  if (event.kind == Event::Kind::kDeliver && !graph_.ArrivalOf(event.message).is_response) {
    const auto found = std::find_if(flight.begin(), flight.end(), [&](std::uint32_t entry) {
      return (entry & ~State::kDelivered) == event.message;
    });
    // An operation of a client is not delivered again: nobody sends it over the network.
    const bool keeps = spec_.budgets.duplicates > 0 && !IsGiven(action.node) &&
                       graph_.messages()[event.message].from != 0;
    if (keeps) {
      *found |= State::kDelivered;
    } else {
      flight.erase(found);
    }
  }
  if (local.closes) {
    const auto useless = [&](std::uint32_t entry) {
      const auto& arrival = graph_.ArrivalOf(entry & ~State::kDelivered);
      return arrival.is_response && arrival.node == action.node &&
             !graph_.IsOpen(local, arrival.call);
    };
    flight.erase(std::remove_if(flight.begin(), flight.end(), useless), flight.end());
  }
  for (const std::uint32_t message : graph_.Sent(local)) {
    const auto& arrival = graph_.ArrivalOf(message);
    const bool arrives =
        !arrival.is_response || (graph_.IsOpen(graph_[state.locals[arrival.node]], arrival.call) &&
                                 std::find(flight.begin(), flight.end(), message) == flight.end());
    if (arrives) flight.push_back(message);
  }
}

bool Space::IsBroken(const State& state, std::uint32_t before, std::uint32_t next) {
  if (graph_[next].failed) return true;
  if (graph_[before].view == graph_[next].view) return false;
  std::array<std::uint32_t, kMostNodes> views = {};
  for (std::size_t node = 0; node < nodes(); ++node) views[node] = graph_[state.locals[node]].view;
  const auto [at, is_new] = judged_.try_emplace(views, false);
  if (is_new) at->second = JudgeRules(state).has_value();
  return at->second;
}

std::optional<Breach> Space::JudgeRules(const State& state) const {
  std::vector<std::uint32_t> values(nodes());
  for (std::size_t rule = 0; rule < spec_.rules.size(); ++rule) {
    for (std::size_t node = 0; node < nodes(); ++node) {
      values[node] = graph_.View(graph_[state.locals[node]].view)[rule];
    }
    if (auto found = spec_.rules[rule]->Judge(values)) {
      return Breach{.statement = found->statement,
                    .sentence = found->statement.sentence,
                    .source = found->statement.source,
                    .detail = std::move(found->detail)};
    }
  }
  return std::nullopt;
}

std::optional<Breach> Space::Examine(const State& state) const {
  for (std::size_t node = 0; node < nodes(); ++node) {
    if (!graph_[state.locals[node]].failed) continue;
    const sim::Failure& failure = graph_.FailureOf(state.locals[node]);
    return Breach{.sentence = failure.sentence,
                  .source = failure.source,
                  .detail = failure.detail,
                  .node = failure.node,
                  .failure = failure};
  }
  return JudgeRules(state);
}

}  // namespace quorum::explore
