#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "grader/check/linearizability/history.h"

namespace quorum::check {

/// What a check may cost. It counts work and never time, so that a verdict does not depend on the
/// machine.
struct Budget {
  /// Steps of the search, over all keys: a state of the search taken one operation further.
  std::uint64_t steps = 50'000'000;
  /// Bytes that the search may hold at any moment, beyond the history and an index of its size.
  std::size_t bytes = std::size_t{128} << 20;
};

/// The answer to a check.
enum class Verdict : std::uint8_t {
  kLinearizable,     ///< Every key has a legal order.
  kNotLinearizable,  ///< Some key has none.
  kUnknown,          ///< The budget is spent and no key is known to have none. Never a pass.
};

/// An operation in a legal order, and the value that it left.
struct PlacedOperation {
  Operation operation;
  std::optional<std::string> value_after;
};

/// Why a key is not linearizable.
struct Violation {
  std::string key;
  /// The operation that cannot be placed: up to just before its return the history of the key is
  /// linearizable, and with its return it is not. (An operation that is then under way may have
  /// happened or not; if it has, then with the result that it returned later.) `index` is its place
  /// in the history.
  std::size_t index = 0;
  Operation operation;
  /// A legal order of that longest linearizable prefix, as places in the history: every operation
  /// that returned before `operation` did, and some of those that were under way.
  /// Empty when the budget did not reach for it.
  std::vector<std::size_t> prefix;
  /// The last few of `prefix`.
  std::vector<PlacedOperation> tail;
  /// The value after `prefix`; meaningless when `prefix` is empty.
  std::optional<std::string> value;
  /// False when the budget did not reach to say which operation it is: it is then `operation`, or
  /// one that returns later.
  bool exact = true;
};

/// What a check found.
struct CheckResult {
  Verdict verdict = Verdict::kLinearizable;
  Model model = Model::kKv;
  std::size_t operations = 0;
  std::size_t keys = 0;
  /// Present when not linearizable.
  std::optional<Violation> violation;
  /// The keys without an answer, in the order of their first appearance.
  std::vector<std::string> undecided;
  /// What the check cost; `bytes` is the most that the search held at one moment.
  Budget spent{.steps = 0, .bytes = 0};
};

/// Decides whether `history` is linearizable (Herlihy and Wing 1990): whether each operation can be
/// taken to happen at one instant between its call and its return, so that all results are those of
/// a store that executes one operation at a time. In `history` no operation returns before its
/// call. A history with several keys is linearizable if each key is (locality, section 3.3 there),
/// so keys are checked one by one, in rounds of growing budgets, and the first illegal one ends the
/// check. The same history and budget give the same result everywhere.
///
/// The search stems from Wing and Gong (1993) and Lowe (2017): see search.h.
CheckResult CheckHistory(const History& history, Model model, const Budget& budget = {});

}  // namespace quorum::check
