#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace quorum::check {

/// What a client asked of the store.
enum class OpKind : std::uint8_t {
  kGet,     ///< Reads the value.
  kPut,     ///< Replaces the value.
  kAppend,  ///< Adds to the end of the value; an absent value counts as empty.
  kCas,     ///< Replaces the value if it is the expected one (compare and swap).
};

/// One operation of one client, as the client saw it. `call` and `ret` are instants of one clock
/// that all clients share; only their order means anything, and equal instants count as
/// overlapping.
struct Operation {
  std::int64_t client = 0;
  std::string key;
  OpKind op = OpKind::kGet;
  /// What a put writes, an append adds, and a cas writes when it succeeds.
  std::string value;
  /// What a cas expects; nothing means: an absent value.
  std::optional<std::string> expect;
  /// What a get returned; nothing means: an absent value.
  std::optional<std::string> result;
  /// Whether a cas found what it expected.
  bool swapped = false;
  std::int64_t call = 0;
  /// Nothing means that the outcome is unknown: the operation may take effect at any time after
  /// `call`, or never, and its result is not known. Not before `call`.
  std::optional<std::int64_t> ret;
};

/// The operations of a run, in any order.
using History = std::vector<Operation>;

/// Which values count as different, and how many keys there may be.
enum class Model : std::uint8_t {
  kRegister,  ///< One key; an absent value differs from the empty string.
  kKv,        ///< Any number of keys; an absent value is the empty string.
};

}  // namespace quorum::check
