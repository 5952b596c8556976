#include "grader/explore/search.h"
#include "grader/sim/flight_recorder.h"
#include "grader/sim/rng.h"

namespace quorum::explore {
namespace {

constexpr std::uint64_t kFaultOneIn = 8;

/// What may happen in a state, to draw from. Faults are drawn rarely, and looked for only then: the
/// places at which a node can die are many, and finding them takes running its code.
class Choice {
 public:
  /// False: nothing can happen.
  bool Gather(Space& space, State& state, sim::Rng& random) {
    const Budgets faults = {.duplicates = state.left.duplicates,
                            .lost_calls = state.left.lost_calls,
                            .crashes = state.left.crashes};
    const bool with_faults = faults != Budgets() && random.Below(kFaultOneIn) == 0;
    Collect(space, state, with_faults);
    if (actions_.empty() && faults != Budgets()) Collect(space, state, !with_faults);
    return !actions_.empty();
  }
  const Action& Draw(sim::Rng& random) const { return actions_[random.Below(actions_.size())]; }

 private:
  /// All faults, or all else.
  void Collect(Space& space, State& state, bool faults) {
    actions_.clear();
    const Budgets left = state.left;
    if (!faults) state.left = {.timers = left.timers};
    space.ForEachAction(state, [&](const Action& action) {
      const bool fault = action.cost.crashes + action.cost.duplicates + action.cost.lost_calls > 0;
      if (fault == faults) actions_.push_back(action);
    });
    state.left = left;
  }

  std::vector<Action> actions_;
};

}  // namespace

Walks WalkAtRandom(Space& space, const State& start, std::uint64_t count, std::uint32_t depth,
                   std::uint64_t seed) {
  Walks walks;
  sim::Rng random(seed, 0x77616c6b);
  Choice choice;
  std::vector<Action> path;
  State state;
  while (walks.walks < count && !walks.broken) {
    if (walks.walks++ % 256 == 0) flight::Progress();
    state = start;
    path.clear();
    for (std::uint32_t step = 0; step < depth; ++step) {
      if (!choice.Gather(space, state, random)) break;
      const Action action = choice.Draw(random);
      const std::uint32_t before = state.locals[action.node];
      const std::uint32_t next = space.NextLocal(state, action);
      space.Apply(action, next, state);
      path.push_back(action);
      ++walks.steps;
      if (!space.IsBroken(state, before, next)) continue;
      walks.broken = state;
      walks.path = path;
      break;
    }
  }
  return walks;
}

namespace {

/// Follows `path`, but for the step `left_out` and for those that are no longer possible. True when
/// it leads to a broken state; then `path` becomes what was followed, up to there.
bool Follow(Space& space, const State& start, std::size_t left_out, std::vector<Action>& path,
            State& broken) {
  State state = start;
  std::vector<Action> followed;
  for (std::size_t step = 0; step < path.size(); ++step) {
    if (step == left_out) continue;
    bool possible = false;
    space.ForEachAction(state, [&](const Action& action) {
      possible = possible || (action.node == path[step].node && action.event == path[step].event);
    });
    if (!possible) continue;
    const std::uint32_t before = state.locals[path[step].node];
    const std::uint32_t next = space.NextLocal(state, path[step]);
    space.Apply(path[step], next, state);
    followed.push_back(path[step]);
    if (!space.IsBroken(state, before, next)) continue;
    broken = state;
    path = followed;
    return true;
  }
  return false;
}

}  // namespace

void Shorten(Space& space, const State& start, std::vector<Action>& path, State& broken) {
  for (bool shorter = true; shorter;) {
    shorter = false;
    for (std::size_t step = path.size(); step-- > 0;) {
      if (step < path.size() && Follow(space, start, step, path, broken)) shorter = true;
    }
  }
}

}  // namespace quorum::explore
