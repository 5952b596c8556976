#include <utility>

#include "grader/explore/layer.h"
#include "grader/explore/search.h"
#include "grader/sim/flight_recorder.h"

namespace quorum::explore {
namespace {

/// One search: the layer whose states are expanded, and the one that they lead to.
class BreadthFirst {
 public:
  BreadthFirst(Space& space, const Limits& limits)
      : space_(space), limits_(limits), layer_(space.nodes()), next_(space.nodes()) {}

  Coverage Run(const State& start) {
    coverage_.states = 1;
    if (space_.Examine(start)) coverage_.broken = start;
    layer_.Add(layer_.HashOf(start), start);
    while (!coverage_.broken && layer_.size() > 0) {
      if (coverage_.depth == limits_.depth || !ExpandLayer()) return std::move(coverage_);
      if (coverage_.broken) break;
      std::swap(layer_, next_);
      next_.Clear();
      if (layer_.size() > 0) ++coverage_.depth;
    }
    coverage_.exhausted = !coverage_.broken;
    return std::move(coverage_);
  }

 private:
  /// False when a limit was reached.
  bool ExpandLayer() {
    State state;
    for (std::size_t index = 0; index < layer_.size(); ++index) {
      if (index % 1024 == 0) flight::Progress();
      layer_.Load(index, state);
      Expand(state, layer_.HashOf(state));
      if (coverage_.broken) return true;
      if (coverage_.states >= limits_.states || next_.bytes() > limits_.bytes) return false;
    }
    return true;
  }

  void Expand(const State& state, std::uint64_t hash) {
    space_.ForEachAction(state, [&](const Action& action) {
      ++coverage_.transitions;
      const std::uint32_t before = state.locals[action.node];
      const std::uint32_t next = space_.NextLocal(state, action);
      const std::uint64_t next_hash =
          hash - next_.HashOf(action.node, before) + next_.HashOf(action.node, next);
      if (coverage_.broken || coverage_.states >= limits_.states) return;
      if (next_.Contains(next_hash, state, action.node, next)) return;
      successor_ = state;
      space_.Apply(action, next, successor_);
      ++coverage_.states;
      if (space_.IsBroken(successor_, before, next)) {
        coverage_.broken = successor_;
        ++coverage_.depth;
        return;
      }
      next_.Add(next_hash, successor_);
    });
  }

  Space& space_;
  const Limits& limits_;
  Layer layer_;
  Layer next_;
  State successor_;
  Coverage coverage_;
};

}  // namespace

Coverage SearchBreadthFirst(Space& space, const State& start, const Limits& limits) {
  return BreadthFirst(space, limits).Run(start);
}

}  // namespace quorum::explore
