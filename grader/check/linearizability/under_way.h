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
  /// The families of those that change it.
  const std::vector<std::uint32_t>& families() const { return families_; }
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

  /// Whether `configuration` has not placed some member of the family, other than `except`.
  bool Left(std::uint32_t family, Configuration configuration, std::uint32_t except) const;

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

 private:
  struct Family {
    std::vector<std::uint32_t> required;  // By end.
    std::vector<std::uint32_t> optional;  // By begin; the placed ones are the first ones.
    std::uint32_t position = kNone;       // In `families_`.
  };

  std::uint32_t FirstOptional(const Family& family, Configuration configuration) const;

  const KeyHistory& key_;
  std::vector<std::uint32_t> lookers_;
  std::vector<std::uint32_t> families_;
  std::vector<Family> members_;
};

/// Whether `move`, not yet placed, owes nothing more in `configuration`: it could have happened
/// just before the last put, which hid it.
inline bool Hidden(const Move& move, Configuration configuration) {
  return move.blind() && move.begin < configuration.last_put();
}

}  // namespace quorum::check
