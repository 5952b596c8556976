#include "grader/check/linearizability/search.h"

#include <algorithm>
#include <utility>

namespace quorum::check {

Search::Search(const KeyHistory& key, const Budget& limit, Budget& spent, const Tuning& tuning)
    : key_(key),
      tuning_(tuning),
      limit_(limit),
      spent_(spent),
      words_(Configuration::WordsFor(key.slots())),
      under_way_(key),
      thinning_(under_way_),
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
    if (layer_.size() > 1) {
      spent_.steps += thinning_.Thin(layer_);
    }
    if (layer_.size() == 0) {
      reached_ = std::max(reached_, now_);
      if (!Backtrack()) {
        return Outcome::kIllegal;
      }
    } else if (layer_.size() > tuning_.width) {
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
  if (checkpoints_.empty() || now_ >= last + tuning_.sight) {
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
  for (std::uint32_t i = tuning_.width / 2; i < layer_.size(); ++i) {
    copy.assign(layer_.At(i).begin(), layer_.At(i).end());
    rest.configurations.Insert(Configuration(copy));
  }
  layer_.Truncate(tuning_.width / 2);
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
  if (layer_.size() > tuning_.width) {
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
         3 * (queue_.capacity() * sizeof(queue_[0]) + trail_.capacity() * sizeof(trail_[0]));
}

}  // namespace quorum::check
