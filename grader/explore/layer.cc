#include "grader/explore/layer.h"

#include <bit>
#include <cstring>

namespace quorum::explore {

static_assert(sizeof(Budgets) == sizeof(std::uint32_t));

void Layer::Add(std::uint64_t hash, const State& state) {
  const auto index = static_cast<std::uint32_t>(starts_.size());
  starts_.push_back(words_.size());
  words_.insert(words_.end(), state.locals.begin(), state.locals.begin() + nodes_);
  words_.push_back(std::bit_cast<std::uint32_t>(state.left));
  words_.push_back(static_cast<std::uint32_t>(state.flight.size()));
  words_.insert(words_.end(), state.flight.begin(), state.flight.end());
  if (starts_.size() * 2 > slots_.size()) {
    slots_.assign(slots_.size() * 2, Slot());
    State other;
    for (std::uint32_t i = 0; i < index; ++i) {
      std::memcpy(other.locals.data(), words_.data() + starts_[i], nodes_ * sizeof(words_[0]));
      Insert(HashOf(other), i);
    }
  }
  Insert(hash, index);
}

void Layer::Insert(std::uint64_t hash, std::uint32_t index) {
  std::size_t at = hash;
  while (slots_[at & (slots_.size() - 1)].state != kFree) ++at;
  slots_[at & (slots_.size() - 1)] = {static_cast<std::uint32_t>(hash >> 32), index};
}

void Layer::Load(std::size_t index, State& state) const {
  const std::uint32_t* words = words_.data() + starts_[index];
  std::memcpy(state.locals.data(), words, nodes_ * sizeof(words[0]));
  words += nodes_;
  state.left = std::bit_cast<Budgets>(*words++);
  const std::uint32_t size = *words++;
  state.flight.assign(words, words + size);
}

void Layer::Clear() {
  words_.clear();
  starts_.clear();
  slots_.assign(slots_.size(), Slot());
}

}  // namespace quorum::explore
