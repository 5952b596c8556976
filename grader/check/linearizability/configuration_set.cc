#include "grader/check/linearizability/configuration_set.h"

#include <algorithm>

namespace quorum::check {
namespace {

constexpr std::size_t kUncompared = 2;  // The words at the end that say nothing of what it is.

std::uint64_t Hash(std::span<const std::uint64_t> words) {
  std::uint64_t hash = 0x9e3779b97f4a7c15;
  for (const std::uint64_t word : words) {
    hash = (hash ^ word) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace

ConfigurationSet::Entry& ConfigurationSet::Locate(std::span<const std::uint64_t> words) {
  const auto key = words.first(words_ - kUncompared);
  const std::size_t mask = table_.size() - 1;
  for (std::size_t i = Hash(key) & mask;; i = (i + 1) & mask) {
    Entry& entry = table_[i];
    if (entry.round != round_ || std::equal(key.begin(), key.end(), At(entry.index).begin())) {
      return entry;
    }
  }
}

ConfigurationSet::Inserted ConfigurationSet::Insert(Configuration configuration) {
  Entry& entry = Locate(configuration.words());
  if (entry.round == round_) {
    const auto old = std::span(storage_).subspan(entry.index * words_, words_);
    const bool better = Configuration(old).last_put() < configuration.last_put();
    if (better) {
      std::copy(configuration.words().begin(), configuration.words().end(), old.begin());
    }
    return {entry.index, better};
  }
  entry = {round_, size_};
  if (storage_.size() == storage_.capacity()) {
    storage_.reserve((storage_.size() / words_ * 5 / 4 + 4) * words_);
  }
  storage_.insert(storage_.end(), configuration.words().begin(), configuration.words().end());
  ++size_;
  if (std::size_t{size_} * 2 > table_.size()) {
    Rehash(table_.size() * 2);
  }
  return {size_ - 1, true};
}

void ConfigurationSet::Rehash(std::size_t entries) {
  table_.assign(entries, Entry{});
  round_ = 1;
  for (std::uint32_t i = 0; i < size_; ++i) {
    Locate(At(i)) = {round_, i};
  }
}

void ConfigurationSet::Clear() {
  size_ = 0;
  storage_.clear();
  if (storage_.capacity() > kKept) {
    storage_.shrink_to_fit();
  }
  if (table_.size() > kKept) {
    table_.resize(kSmallest);
    table_.shrink_to_fit();
    Rehash(kSmallest);
  }
  if (++round_ == 0) {  // Wrapped: old entries would come back to life.
    Rehash(table_.size());
  }
}

void ConfigurationSet::Drop(const std::vector<bool>& flags) {
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < size_; ++i) {
    if (!flags[i]) {
      std::copy_n(At(i).begin(), words_,
                  storage_.begin() + static_cast<std::ptrdiff_t>(kept * words_));
      ++kept;
    }
  }
  Truncate(kept);
}

void ConfigurationSet::Truncate(std::uint32_t size) {
  size_ = std::min(size, size_);
  storage_.resize(size_ * words_);
  Rehash(table_.size());
}

}  // namespace quorum::check
