#include "grader/check/linearizability/thinning.h"

#include <algorithm>

namespace quorum::check {
namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};
constexpr int kCompared = 64;                  // With how many others one is compared.
constexpr std::uint64_t kComparesPerStep = 8;  // A step of the search costs about as much.

}  // namespace

void Thinning::FindFree(const ConfigurationSet& configurations) {
  slot_words_ = under_way_.optional_slots().size();
  free_.clear();
  for (std::uint32_t i = 0; i < configurations.size(); ++i) {
    const std::uint64_t last_put = ConfigurationView(configurations.At(i)).last_put();
    free_.insert(free_.end(), under_way_.optional_slots().begin(),
                 under_way_.optional_slots().end());
    for (const Move* move : under_way_.required_blind()) {
      if (move->begin >= last_put) {
        break;  // They are in the order of their begins.
      }
      free_[i * slot_words_ + move->slot / 64] |= std::uint64_t{1} << (move->slot % 64);
    }
  }
}

bool Thinning::Replaces(const ConfigurationSet& configurations, std::uint32_t better,
                        std::uint32_t worse) const {
  const ConfigurationView a(configurations.At(better));
  const ConfigurationView b(configurations.At(worse));
  if (a.last_put() < b.last_put()) {
    return false;
  }
  for (std::size_t i = 0; i < slot_words_; ++i) {
    const std::uint64_t only_a = a.slots()[i] & ~b.slots()[i];
    const std::uint64_t only_b = b.slots()[i] & ~a.slots()[i];
    const std::uint64_t lookers = under_way_.looker_slots()[i];
    if ((only_a & ~lookers) != 0 || (only_b & (lookers | ~free_[better * slot_words_ + i])) != 0) {
      return false;
    }
  }
  return true;
}

std::uint64_t Thinning::Thin(ConfigurationSet& configurations) {
  FindFree(configurations);
  dropped_.assign(configurations.size(), false);
  previous_.assign(configurations.size(), kNone);
  latest_.clear();
  std::uint64_t compares = 0;
  bool any = false;
  for (std::uint32_t i = 0; i < configurations.size(); ++i) {
    std::uint32_t& latest =
        latest_.try_emplace(ConfigurationView(configurations.At(i)).value(), kNone).first->second;
    previous_[i] = latest;
    latest = i;
    int left = kCompared;
    for (std::uint32_t j = previous_[i]; j != kNone && left > 0; j = previous_[j], --left) {
      ++compares;
      if (dropped_[j]) {
        continue;
      }
      if (Replaces(configurations, j, i)) {
        dropped_[i] = any = true;
        break;
      }
      if (Replaces(configurations, i, j)) {
        dropped_[j] = any = true;
      }
    }
  }
  if (any) {
    configurations.Drop(dropped_);
  }
  return compares / kComparesPerStep;
}

}  // namespace quorum::check
