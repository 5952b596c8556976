#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "grader/check/linearizability/value_space.h"

namespace quorum::check {

/// Where the search stands in one possible order of the operations: words, so that the many that a
/// search holds cost no allocation each. The words up to `kSince` say what they are; of two that
/// differ only in the last words, one is enough.
class Configuration {
 public:
  /// How many words it takes with so many slots for moves under way.
  static std::size_t WordsFor(std::uint32_t slots) { return kFixed + (slots + 63) / 64; }

  explicit Configuration(std::span<std::uint64_t> words) : words_(words) {}

  /// The value.
  std::uint64_t& value() { return words_[0]; }
  /// Whether the order ends with a put that nothing has made use of.
  std::uint64_t& idle_put() { return words_[1]; }
  /// The instant of the last put. What began before it and could hide behind it owes nothing more.
  std::uint64_t& last_put() { return words_[words_.size() - 2]; }
  /// The end of the order so far, in the search's record.
  std::uint64_t& trail() { return words_[words_.size() - 1]; }

  /// Whether the move in a slot has been placed.
  bool placed(std::uint32_t slot) const { return (words_[2 + slot / 64] >> (slot % 64) & 1) != 0; }
  void Place(std::uint32_t slot) { words_[2 + slot / 64] |= std::uint64_t{1} << (slot % 64); }
  void Release(std::uint32_t slot) { words_[2 + slot / 64] &= ~(std::uint64_t{1} << (slot % 64)); }

  std::span<const std::uint64_t> words() const { return words_; }

 private:
  static constexpr std::size_t kFixed = 4;

  std::span<std::uint64_t> words_;
};

/// A look at a configuration that stays where it is.
class ConfigurationView {
 public:
  explicit ConfigurationView(std::span<const std::uint64_t> words) : words_(words) {}

  Point value() const { return words_[0]; }
  std::uint64_t last_put() const { return words_[words_.size() - 2]; }
  std::uint64_t trail() const { return words_[words_.size() - 1]; }
  /// A bit for each slot: whether its move has been placed.
  std::span<const std::uint64_t> slots() const { return words_.subspan(2, words_.size() - 4); }

 private:
  std::span<const std::uint64_t> words_;
};

/// A set of configurations in the order in which they came.
class ConfigurationSet {
 public:
  explicit ConfigurationSet(std::size_t words) : words_(words), table_(kSmallest) {}

  struct Inserted {
    std::uint32_t index;
    bool changed;  ///< False: it was there already, or one that is at least as good.
  };
  /// Of two that differ in `last_put` only, the later one stays: it owes less.
  Inserted Insert(Configuration configuration);

  std::uint32_t size() const { return size_; }
  std::span<const std::uint64_t> At(std::uint32_t index) const {
    return std::span(storage_).subspan(index * words_, words_);
  }
  void Clear();
  /// Takes out those whose flag is set.
  void Drop(const std::vector<bool>& flags);
  /// Keeps the first `size`.
  void Truncate(std::uint32_t size);
  /// What it takes while it grows, when old and new storage exist side by side.
  std::size_t bytes() const {
    return storage_.capacity() * 8 * 9 / 4 + table_.size() * sizeof(Entry) * 3;
  }

 private:
  struct Entry {
    std::uint32_t round = 0;  // Entries of other rounds are empty, so that `Clear` is cheap.
    std::uint32_t index = 0;
  };
  static constexpr std::size_t kSmallest = 16;
  static constexpr std::size_t kKept = 1 << 14;  // Words and entries that `Clear` does not free.

  Entry& Locate(std::span<const std::uint64_t> words);
  void Rehash(std::size_t entries);

  std::size_t words_;
  std::vector<std::uint64_t> storage_;
  std::vector<Entry> table_;  // Open addressing; the size is a power of two.
  std::uint32_t round_ = 1;
  std::uint32_t size_ = 0;
};

}  // namespace quorum::check
