#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "grader/explore/space.h"

namespace quorum::explore {

/// States that are equally many events away from the start, each once. Since the histories of its
/// nodes are a state's name, and count its events, no state is ever equal to one of another layer.
class Layer {
 public:
  explicit Layer(std::size_t nodes) : nodes_(nodes), slots_(1024) {}

  std::size_t size() const { return starts_.size(); }
  std::size_t bytes() const { return words_.size() * sizeof(words_[0]) + slots_.size() * 8; }

  /// What `locals` hashes to; a change of one history changes it by `HashOf` of both.
  std::uint64_t HashOf(std::size_t node, std::uint32_t local) const {
    return sim::Mix((static_cast<std::uint64_t>(local) * kMostNodes + node + 1) *
                    0x9e3779b97f4a7c15u);
  }
  std::uint64_t HashOf(const State& state) const {
    std::uint64_t hash = 0;
    for (std::size_t node = 0; node < nodes_; ++node) hash += HashOf(node, state.locals[node]);
    return hash;
  }

  /// Whether there is a state with these histories, but for that of `node`, which is `local`.
  bool Contains(std::uint64_t hash, const State& state, std::size_t node,
                std::uint32_t local) const {
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash;; ++at) {
      const Slot& slot = slots_[at & (slots_.size() - 1)];
      if (slot.state == kFree) return false;
      if (slot.tag == tag && Equal(slot.state, state, node, local)) return true;
    }
  }
  /// `state` is not there yet.
  void Add(std::uint64_t hash, const State& state);
  void Load(std::size_t index, State& state) const;
  void Clear();

 private:
  static constexpr std::uint32_t kFree = ~std::uint32_t{0};
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t state = kFree;
  };

  bool Equal(std::uint32_t index, const State& state, std::size_t node, std::uint32_t local) const {
    const std::uint32_t* const words = words_.data() + starts_[index];
    for (std::size_t i = 0; i < nodes_; ++i) {
      if (words[i] != (i == node ? local : state.locals[i])) return false;
    }
    return true;
  }
  void Insert(std::uint64_t hash, std::uint32_t index);

  std::size_t nodes_;
  std::vector<std::uint32_t> words_;  // of each state: histories, budgets, messages
  std::vector<std::size_t> starts_;
  std::vector<Slot> slots_;  // a power of two
};

}  // namespace quorum::explore
