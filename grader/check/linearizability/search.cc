#include "grader/check/linearizability/search.h"

#include <algorithm>
#include <utility>

namespace quorum::check {
namespace {

// How far ahead, in instants, hints look. Farther prunes no more in practice, and the longest
// legal prefix ends within this distance of where the frontier came to nothing.
constexpr std::uint32_t kSight = 512;
// How wide a frontier may be before it is cut.
constexpr std::uint32_t kWidth = 4096;

}  // namespace

Search::Search(const KeyHistory& key, const Budget& limit, Budget& spent)
    : key_(key),
      limit_(limit),
      spent_(spent),
      words_(Configuration::WordsFor(key.slots())),
      under_way_(key),
      layer_(words_),
      next_(words_),
      open_(words_),
      current_(words_),
      variant_(words_) {}

Search::Outcome Search::Run() {
  return RunFrom(Start(), key_.events().empty() ? 0 : key_.events().back().at + 1);
}

Search::Layer Search::Start() const {
  Layer start{0, ConfigurationSet(words_)};
  std::vector<std::uint64_t> words(words_, 0);
  Configuration(words).value() = key_.space().absent();
  start.configurations.Insert(Configuration(words));
  return start;
}

void Search::Seek(std::size_t position) {
  under_way_.Clear();
  for (position_ = 0; position_ < position; ++position_) {
    const Event& event = key_.events()[position_];
    event.begins ? under_way_.Begin(event.move) : under_way_.End(event.move);
  }
}

// Goes from `start` to the instant `stop`.
Search::Outcome Search::RunFrom(const Layer& start, std::uint32_t stop) {
  waiting_.clear();
  seen_.clear();
  kept_bytes_ = 0;
  cut_ = false;
  trail_.assign(1, {});
  stop_ = stop;
  layer_ = start.configurations;
  Seek(start.position);
  while (position_ < key_.events().size() && key_.events()[position_].at < stop_) {
    const Event& event = key_.events()[position_];
    now_ = event.at;
    if (event.begins) {
      under_way_.Begin(event.move);
      ++position_;
      continue;
    }
    Remember();
    if (const Outcome spent = Advance(event.move); spent != Outcome::kLegal) {
      return spent;
    }
    under_way_.End(event.move);
    ++position_;
    std::swap(layer_, next_);
    if (layer_.size() == 0) {
      reached_ = std::max(reached_, now_);
      if (!Backtrack()) {
        return Outcome::kIllegal;
      }
    } else if (layer_.size() > kWidth) {
      Cut();
    }
  }
  return Outcome::kLegal;
}

// Keeps a few frontiers of late, for `FindCulprit`.
void Search::Remember() {
  if (cut_ || recording_ || stop_ <= key_.events().back().at) {
    return;
  }
  const auto last = checkpoints_.empty() ? 0 : key_.events()[checkpoints_.back().position].at;
  if (checkpoints_.empty() || now_ >= last + kSight) {
    checkpoints_.push_back({position_, layer_});
    if (checkpoints_.size() > 3) {
      checkpoints_.pop_front();
    }
  }
}

void Search::Cut() {
  cut_ = true;
  Layer rest{position_, ConfigurationSet(words_)};
  std::vector<std::uint64_t> copy;
  for (std::uint32_t i = kWidth / 2; i < layer_.size(); ++i) {
    copy.assign(layer_.At(i).begin(), layer_.At(i).end());
    rest.configurations.Insert(Configuration(copy));
  }
  layer_.Truncate(kWidth / 2);
  kept_bytes_ += rest.configurations.bytes();
  waiting_.push_back(std::move(rest));
}

bool Search::Backtrack() {
  if (waiting_.empty()) {
    return false;
  }
  Layer last = std::move(waiting_.back());
  waiting_.pop_back();
  kept_bytes_ -= last.configurations.bytes();
  layer_ = std::move(last.configurations);
  Seek(last.position);
  spent_.steps += last.position / 8;
  if (layer_.size() > kWidth) {
    Cut();
  }
  return true;
}

Search::Outcome Search::Spend(std::uint64_t steps) {
  spent_.steps += steps;
  const std::size_t bytes = Bytes();
  spent_.bytes = std::max(spent_.bytes, bytes);
  if (spent_.steps > limit_.steps) {
    return Outcome::kOutOfSteps;
  }
  return bytes > limit_.bytes ? Outcome::kOutOfBytes : Outcome::kLegal;
}

std::size_t Search::Bytes() const {
  return layer_.bytes() + next_.bytes() + open_.bytes() + kept_bytes_ +
         queue_.capacity() * sizeof(queue_[0]) + trail_.capacity() * sizeof(trail_[0]);
}

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
    Expand(current, ending);
    if (const Outcome spent = Spend(1); spent != Outcome::kLegal) {
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
void Search::Expand(Configuration configuration, std::uint32_t ending) {
  for (const std::uint32_t family : under_way_.families()) {
    const Move& sample = under_way_.Representative(family);
    ++spent_.steps;
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
  variant_ = current_;
  Configuration result(variant_);
  result.value() = to;
  result.Place(move.slot);
  result.idle_put() = move.kind == MoveKind::kPut ? 1 : 0;
  if (move.kind == MoveKind::kPut) {
    result.last_put() = now_;
  }
  Record(result, index, /*hidden=*/false);
  Look(result);
  if (result.placed(MoveAt(ending).slot)) {
    Emit(result, ending);
  } else {
    Enqueue(result);
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
  if (move.kind == MoveKind::kAppend && to == configuration.value()) {
    return true;
  }
  return to == kNowhere && !Avoiding();  // It leaves a value of no use to anyone.
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

void Search::Emit(Configuration configuration, std::uint32_t ending) {
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
      return;
    }
  }
  next_.Insert(configuration);
}

void Search::Enqueue(Configuration configuration) {
  const ConfigurationSet::Inserted inserted = open_.Insert(configuration);
  if (inserted.changed) {
    queue_.push_back(inserted.index);
  }
}

// The hint. Whether some move that ends soon needs a value at or below `lost`, which appends to
// `kept` cannot make, and which no move that is left (other than `except`) can make again.
bool Search::Doomed(Configuration configuration, TreeNode lost, Point kept,
                    std::uint32_t except) const {
  const ValueSpace& space = key_.space();
  if (lost >= space.size() || key_.RelevantUntil(lost) < now_) {
    return false;
  }
  const std::uint32_t sight = std::min(now_ + kSight, stop_ - 1);
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

Search::Culprit Search::FindCulprit() {
  // The hints used by a checkpoint reach no farther than `kSight` beyond it.
  Layer start = Start();
  for (const Layer& checkpoint : checkpoints_) {
    if (key_.events()[checkpoint.position].at + kSight < reached_) {
      start = checkpoint;
    }
  }
  const std::uint32_t first = reached_;
  std::uint32_t legal = first;  // Up to just before here there is a legal order,
  std::uint32_t illegal = std::min(first + kSight, key_.events().back().at) + 1;  // here none.
  bool exact = true;
  while (illegal - legal > 1 && exact) {
    const std::uint32_t middle = legal + (illegal - legal) / 2;
    const Outcome outcome = RunFrom(start, middle);
    (outcome == Outcome::kIllegal ? illegal : legal) = middle;
    exact = outcome == Outcome::kIllegal || outcome == Outcome::kLegal;
  }
  const std::uint32_t at = exact ? legal : first;
  const auto culprit = std::partition_point(key_.events().begin(), key_.events().end(),
                                            [&](const Event& event) { return event.at < at; });
  return {culprit->move, exact};
}

std::vector<std::uint32_t> Search::OrderBefore(std::uint32_t culprit) {
  recording_ = true;
  const Outcome outcome = RunFrom(Start(), MoveAt(culprit).end);
  recording_ = false;
  return outcome == Outcome::kLegal ? OrderOf(layer_.At(0).back()) : std::vector<std::uint32_t>();
}

std::vector<std::uint32_t> Search::OrderOf(std::uint64_t trail) const {
  std::vector<const TrailStep*> steps;
  for (; trail != 0; trail = trail_[trail].before) {
    steps.push_back(&trail_[trail]);
  }
  std::vector<std::uint32_t> order;
  std::size_t last_put = 0;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if ((*step)->hidden) {
      order.insert(order.begin() + static_cast<std::ptrdiff_t>(last_put), (*step)->move);
      ++last_put;
      continue;
    }
    if (MoveAt((*step)->move).kind == MoveKind::kPut) {
      last_put = order.size();
    }
    order.push_back((*step)->move);
  }
  return order;
}

}  // namespace quorum::check
