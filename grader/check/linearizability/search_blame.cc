// Which move has no place, once it is known that one has none.

#include <algorithm>

#include "grader/check/linearizability/search.h"

namespace quorum::check {

Search::Culprit Search::FindCulprit() {
  // The hints used by a checkpoint reach no farther than `sight` beyond it.
  Layer start = Start();
  for (const Layer& checkpoint : checkpoints_) {
    if (key_.events()[checkpoint.position].at + tuning_.sight < reached_) {
      start = checkpoint;
    }
  }
  const std::uint32_t first = reached_;
  std::uint32_t legal = first;  // Up to just before here there is a legal order,
  std::uint32_t illegal =
      std::min(first + tuning_.sight, key_.events().back().at) + 1;  // here none.
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
