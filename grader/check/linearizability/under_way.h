#pragma once

#include <cstdint>
#include <vector>

#include "grader/check/linearizability/configuration_set.h"
#include "grader/check/linearizability/key_history.h"

namespace quorum::check {

/// The moves that have begun and not ended at the instant where the search stands, in an order that
/// depends on the history alone.
class UnderWay {
 public:
  explicit UnderWay(const KeyHistory& key);

  void Begin(std::uint32_t move);
  void End(std::uint32_t move);
  void Clear();

  /// Those that only look at the value.
  const std::vector<std::uint32_t>& lookers() const { return lookers_; }
  /// A bit for each of their slots.
  const std::vector<std::uint64_t>& looker_slots() const { return looker_slots_; }
  /// A bit for each slot of an optional move.
  const std::vector<std::uint64_t>& optional_slots() const { return optional_slots_; }
  /// The puts and appends that must happen, in the order of their begins.
  const std::vector<const Move*>& required_blind() const { return required_blind_; }
  /// The families of those that change it.
  const std::vector<std::uint32_t>& families() const { return families_; }
  /// Whether there are moves that make something of the value at `point`, other than by a put.
  bool CanBuildOn(Point point) const {
    return appends_ > 0 || (point != kNowhere && exchanges_[NodeOf(point)] > 0);
  }
  /// Some member of a family.
  const Move& Representative(std::uint32_t family) const;

  /// The members of a family that `configuration` may have to place next. They all do the same, so
  /// that one which must happen goes before one that need not, and one that ends sooner before one
  /// that ends later: any order of the rest remains possible. Two candidates remain when neither
  /// can stand in for the other; missing ones are `kNone`.
  struct Candidates {
    std::uint32_t owed;
    std::uint32_t spare;
  };
  Candidates Next(std::uint32_t family, Configuration configuration) const;

  /// The member of a family, not placed by `configuration`, that ends first, or `kNone`.
  std::uint32_t First(std::uint32_t family, Configuration configuration) const;

  /// Whether `configuration` has not placed some member of the family, other than `except`.
  bool Left(std::uint32_t family, Configuration configuration, std::uint32_t except) const;

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

 private:
  struct Family {
    std::vector<std::uint32_t> required;  // By end.
    std::vector<std::uint32_t> optional;  // By begin; the placed ones are the first ones.
    std::uint32_t position = kNone;       // In `families_`.
  };

  void Count(const Move& move, std::uint32_t difference);
  void List(const Move& move, bool begins);
  std::uint32_t FirstOptional(const Family& family, Configuration configuration) const;

  const KeyHistory& key_;
  std::vector<std::uint32_t> lookers_;
  std::vector<std::uint64_t> looker_slots_;
  std::vector<std::uint64_t> optional_slots_;
  std::vector<const Move*> required_blind_;
  std::vector<std::uint32_t> families_;
  std::vector<Family> members_;
  std::uint32_t appends_ = 0;
  std::vector<std::uint32_t> exchanges_;  // How many cas expect the value of a node.
};

/// Whether `move`, not yet placed, owes nothing more in `configuration`: it could have happened
/// just before the last put, which hid it.
inline bool Hidden(const Move& move, Configuration configuration) {
  return move.blind() && move.begin < configuration.last_put();
}

}  // namespace quorum::check
