#include "grader/explore/drive.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"

namespace quorum::explore {
namespace {

constexpr int kMostSteps = 1'000;  // of one direction: nodes may talk for ever

bool Among(const std::vector<NodeId>& nodes, NodeId node) {
  return nodes.empty() || std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

bool Matches(Space& space, const Direction& direction, const Action& action) {
  const Event& event = space.graph().EventAt(action.event);
  if (event.cut != Event::kWhole || !Among(direction.to, space.spec().nodes[action.node].id)) {
    return false;
  }
  switch (direction.kind) {
    case Direction::Kind::kLoss:
    case Direction::Kind::kMessage:
      break;
    case Direction::Kind::kTimer:
      return event.kind == Event::Kind::kAdvance;
    case Direction::Kind::kCrash:
      return event.kind == Event::Kind::kCrash;
  }
  if (event.kind != Event::Kind::kDeliver || action.cost.duplicates > 0) return false;
  const MessageTable& messages = space.graph().messages();
  const Message& message = messages[event.message];
  return Among(direction.from, message.from) &&
         (direction.path.empty() || direction.path == messages.PathOf(message.method));
}

/// What `direction` lets happen in `state`, if anything. Every kind of event is offered.
std::optional<Action> Find(Space& space, const Direction& direction, const State& state) {
  State rich = state;
  rich.left = {.timers = 1, .crashes = 1};
  std::optional<Action> found;
  space.ForEachAction(rich, [&](const Action& action) {
    if (!found && Matches(space, direction, action)) found = action;
  });
  if (found) found->cost = {};
  return found;
}

/// Whether the latest event of a node, which led to the history `local`, sent a request of `path`.
bool HasSent(Space& space, std::uint32_t local, const std::string& path) {
  const LocalGraph& graph = space.graph();
  for (const std::uint32_t sent : graph.Sent(graph[local])) {
    const Message& message = graph.messages()[sent];
    if (!message.is_response && graph.messages().PathOf(message.method) == path) return true;
  }
  return false;
}

bool GoesOn(Space& space, const Direction& direction, std::uint32_t local) {
  if (direction.kind != Direction::Kind::kTimer || direction.path.empty()) return direction.all;
  return !HasSent(space, local, direction.path);
}

/// Follows `direction` from `state`, and says whether it led anywhere.
bool Follow(Space& space, const Direction& direction, State& state) {
  std::optional<Action> action = Find(space, direction, state);
  if (!action) return direction.all;
  for (int times = 0; action && times < kMostSteps; ++times) {
    if (direction.kind == Direction::Kind::kLoss) {
      const std::uint32_t lost = space.graph().EventAt(action->event).message;
      state.flight.erase(std::remove(state.flight.begin(), state.flight.end(), lost),
                         state.flight.end());
      action = Find(space, direction, state);
      continue;
    }
    const std::uint32_t next = space.NextLocal(state, *action);
    space.Apply(*action, next, state);
    if (space.Examine(state) || !GoesOn(space, direction, next)) return true;
    action = Find(space, direction, state);
  }
  return direction.all;
}

}  // namespace

absl::StatusOr<State> Drive(Space& space) {
  State state = space.Start();
  for (std::size_t step = 0; step < space.spec().directions.size(); ++step) {
    if (space.Examine(state)) break;
    if (Follow(space, space.spec().directions[step], state)) continue;
    return absl::NotFoundError(
        absl::StrCat("Step ", step + 1,
                     " of the way to where the exploration begins is not possible with this "
                     "implementation: nothing of the kind can happen there."));
  }
  return state;
}

}  // namespace quorum::explore
