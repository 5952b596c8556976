// How the frontier gets past the end of one move.

#include <algorithm>

#include "grader/check/linearizability/search.h"

namespace quorum::check {

// Takes the frontier past the end of a move, from `layer_` to `next_`, if the budget allows.
Search::Outcome Search::Advance(std::uint32_t ending) {
  next_.Clear();
  open_.Clear();
  queue_.clear();
  const Configuration current(current_);
  for (std::uint32_t i = 0; i < layer_.size(); ++i) {
    if (const Outcome spent = Spend(1); spent != Outcome::kLegal) {
      return spent;
    }
    std::copy_n(layer_.At(i).begin(), words_, current_.begin());
    Enter(current, ending);
  }
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    std::copy_n(open_.At(queue_[i]).begin(), words_, current_.begin());
    if (const Outcome spent = Expand(current, ending); spent != Outcome::kLegal) {
      return spent;
    }
  }
  return Outcome::kLegal;
}

// Passes a configuration that owes the ending move nothing, and opens the others.
void Search::Enter(Configuration configuration, std::uint32_t ending) {
  const Move& move = MoveAt(ending);
  Look(configuration);
  if (configuration.placed(move.slot) || move.optional) {
    Emit(configuration, ending);
    return;
  }
  if (Hidden(move, configuration)) {
    // Either it has happened unseen, or it was still to come.
    if (move.kind == MoveKind::kAppend ||
        !Doomed(configuration, NodeOf(move.to), configuration.value(), ending)) {
      variant_ = current_;
      Record(Configuration(variant_), ending, /*hidden=*/true);
      Emit(Configuration(variant_), ending);
    }
  }
  Enqueue(configuration);
}

// Places every move that may come next on the way to the one that ends.
Search::Outcome Search::Expand(Configuration configuration, std::uint32_t ending) {
  for (const std::uint32_t family : under_way_.families()) {
    if (const Outcome spent = Spend(1); spent != Outcome::kLegal) {
      return spent;
    }
    const Move& sample = under_way_.Representative(family);
    if (sample.kind == MoveKind::kCas && configuration.value() != sample.from) {
      continue;
    }
    const UnderWay::Candidates next = under_way_.Next(family, configuration);
    if (next.owed != UnderWay::kNone) {
      TryMove(configuration, next.owed, ending);
    }
    if (next.spare != UnderWay::kNone) {
      TryMove(configuration, next.spare, ending);
    }
  }
  return Outcome::kLegal;
}

void Search::TryMove(Configuration configuration, std::uint32_t index, std::uint32_t ending) {
  const Move& move = MoveAt(index);
  const Point value = configuration.value();
  const Point to = move.kind == MoveKind::kAppend ? key_.space().Append(value, move.text) : move.to;
  if (Pointless(configuration, index, to, ending)) {
    return;
  }
  if (to != value && value != kNowhere && Doomed(configuration, NodeOf(value), to, index)) {
    return;
  }
  const std::size_t recorded = trail_.size();
  variant_ = current_;
  Configuration result(variant_);
  result.Place(move.slot);
  if (move.kind == MoveKind::kPut) {
    SettleBeforePut(result, to);
    if (index != ending && result.placed(MoveAt(ending).slot)) {
      trail_.resize(recorded);
      return;  // This put can wait.
    }
  }
  result.value() = to;
  result.idle_put() = move.kind == MoveKind::kPut ? 1 : 0;
  if (move.kind == MoveKind::kPut) {
    result.last_put() = now_;
  }
  Record(result, index, /*hidden=*/false);
  Look(result);
  bool kept = false;
  if (result.placed(MoveAt(ending).slot)) {
    kept = Emit(result, ending);
  } else if (result.idle_put() == 0 || under_way_.CanBuildOn(to)) {
    kept = Enqueue(result);
  }
  if (!kept) {
    trail_.resize(recorded);
  }
}

// Whether an order with this move next is no better than one without it, or with it later.
bool Search::Pointless(Configuration configuration, std::uint32_t index, Point to,
                       std::uint32_t ending) const {
  const Move& move = MoveAt(index);
  if (move.kind == MoveKind::kPut && configuration.idle_put() != 0) {
    return true;  // The put before could hide.
  }
  const bool due = index == ending && !Hidden(move, configuration);
  if (due || (move.kind == MoveKind::kCas && !move.optional)) {
    return false;
  }
  const Point value = configuration.value();
  if (move.kind == MoveKind::kAppend && to == value) {
    return true;
  }
  if (value != kNowhere && key_.AvoidedUntil(NodeOf(value)) >= now_) {
    return false;  // To get away from this value may be of use by itself.
  }
  if (to == kNowhere) {
    return true;
  }
  // It can be placed before a later put, unless this is the last moment for it or who looks at it.
  const bool last_moment =
      index == ending || (MoveAt(ending).kind == MoveKind::kSee && MoveAt(ending).from == to);
  return move.kind == MoveKind::kPut && !last_moment && key_.Settled(NodeOf(to), now_);
}

// Places all that only look at the value and may see this one: it costs nothing.
void Search::Look(Configuration configuration) {
  for (const std::uint32_t index : under_way_.lookers()) {
    const Move& move = MoveAt(index);
    const bool sees = (move.from == configuration.value()) == (move.kind == MoveKind::kSee);
    if (sees && !configuration.placed(move.slot)) {
      configuration.Place(move.slot);
      configuration.idle_put() = 0;
      Record(configuration, index, /*hidden=*/false);
    }
  }
}

// Places every settled put that some move looks at, together with its lookers. `next` is what the
// put after them makes the value: those who look for that will see it there.
void Search::SettleBeforePut(Configuration configuration, Point next) {
  for (const std::uint32_t looker : under_way_.lookers()) {
    const Move& look = MoveAt(looker);
    if (look.kind != MoveKind::kSee || look.from == next || configuration.placed(look.slot) ||
        !key_.Settled(NodeOf(look.from), now_)) {
      continue;
    }
    const std::uint32_t family = key_.PutsOf(NodeOf(look.from));
    if (family == KeyHistory::kNoFamily) {
      continue;
    }
    const std::uint32_t put = under_way_.First(family, configuration);
    if (put != UnderWay::kNone) {
      configuration.value() = look.from;
      configuration.Place(MoveAt(put).slot);
      Record(configuration, put, /*hidden=*/false);
      Look(configuration);
    }
  }
}

// Hands a configuration that has placed the ending move on to the next event.
bool Search::Emit(Configuration configuration, std::uint32_t ending) {
  configuration.Release(MoveAt(ending).slot);
  configuration.idle_put() = 0;
  const Point value = configuration.value();
  if (value != kNowhere && key_.RelevantUntil(NodeOf(value)) <= now_) {
    configuration.value() = kNowhere;
  }
  if (cut_) {
    ConfigurationSet& seen = seen_.try_emplace(position_, words_).first->second;
    const std::size_t before = seen.bytes();
    const bool fresh = seen.Insert(configuration).changed;
    kept_bytes_ += seen.bytes() - before;
    if (!fresh) {
      return false;
    }
  }
  return next_.Insert(configuration).changed;
}

bool Search::Enqueue(Configuration configuration) {
  const ConfigurationSet::Inserted inserted = open_.Insert(configuration);
  if (inserted.changed) {
    queue_.push_back(inserted.index);
  }
  return inserted.changed;
}

// The hint. Whether some move that ends soon needs a value at or below `lost`, which appends to
// `kept` cannot make, and which no move that is left (other than `except`) can make again.
bool Search::Doomed(Configuration configuration, TreeNode lost, Point kept,
                    std::uint32_t except) const {
  const ValueSpace& space = key_.space();
  if (lost >= space.size() || key_.RelevantUntil(lost) < now_) {
    return false;
  }
  const std::uint32_t sight = std::min(now_ + tuning_.sight, stop_ - 1);
  for (std::uint32_t i = key_.NeedsUntil(now_ - 1); i < key_.NeedsUntil(sight); ++i) {
    const std::uint32_t index = key_.needs()[i];
    const Move& need = MoveAt(index);
    const TreeNode node = NodeOf(need.from);
    if (index != except && space.Leads(lost, node) && !space.Leads(NodeOf(kept), node) &&
        (need.begin > now_ || !configuration.placed(need.slot))) {
      return !CanReturn(configuration, lost, except);
    }
  }
  return false;
}

bool Search::CanReturn(Configuration configuration, TreeNode node, std::uint32_t except) const {
  if (key_.LastReset(node) > now_) {
    return true;
  }
  const ValueSpace& space = key_.space();
  for (const std::uint32_t family : under_way_.families()) {
    const Move& move = under_way_.Representative(family);
    const TreeNode to = NodeOf(move.to);
    if (move.resets() && (space.Leads(node, to) || space.Leads(to, node)) &&
        under_way_.Left(family, configuration, except)) {
      return true;
    }
  }
  return false;
}

void Search::Record(Configuration configuration, std::uint32_t move, bool hidden) {
  if (recording_) {
    trail_.push_back({move, hidden, configuration.trail()});
    configuration.trail() = trail_.size() - 1;
  }
}

}  // namespace quorum::check
