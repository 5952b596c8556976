#include "grader/explore/drive.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"

namespace quorum::explore {
namespace {

constexpr int kMostSteps = 10'000;  // of one direction: nodes may talk for ever

bool Among(const std::vector<NodeId>& nodes, NodeId node) {
  return nodes.empty() || std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

bool Matches(Space& space, const Direction& direction, const Action& action) {
  const Event& event = space.graph().EventAt(action.event);
  if (event.cut != Event::kWhole || !Among(direction.to, space.spec().nodes[action.node].id)) {
    return false;
  }
  switch (direction.kind) {
    case Direction::Kind::kTimer:
      return event.kind == Event::Kind::kAdvance;
    case Direction::Kind::kCrash:
      return event.kind == Event::Kind::kCrash;
    case Direction::Kind::kMessage:
      break;
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

}  // namespace

absl::StatusOr<State> Drive(Space& space) {
  State state = space.Start();
  for (std::size_t step = 0; step < space.spec().directions.size(); ++step) {
    const Direction& direction = space.spec().directions[step];
    std::optional<Action> action = Find(space, direction, state);
    if (!action && !direction.all) {
      return absl::NotFoundError(
          absl::StrCat("Step ", step + 1,
                       " of the way to where the exploration begins is not possible with this "
                       "implementation: nothing of the kind can happen there."));
    }
    for (int times = 0; action && times < kMostSteps; ++times) {
      space.Apply(*action, space.NextLocal(state, *action), state);
      if (space.Examine(state) || !direction.all) break;
      action = Find(space, direction, state);
    }
  }
  return state;
}

}  // namespace quorum::explore
