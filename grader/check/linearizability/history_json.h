#pragma once

#include <istream>
#include <ostream>

#include "absl/status/statusor.h"
#include "grader/check/linearizability/history.h"

namespace quorum::check {

/// Reads a history of one JSON object a line, for example
/// `{"client":3,"key":"x","op":"put","value":"a","call":120,"return":180}`:
/// - `op` is `get` (with `"result"`: a string, or null when absent), `put` and `append` (with
///   `"value"`), or `cas` (with `"expect"`: a string, or null when absent; `"value"`; and
///   `"result"`: true or false);
/// - `"return":null` means that the outcome is unknown; `result` is then not looked at;
/// - `call` and `return` are integers. Other fields and blank lines are ignored.
///
/// INVALID_ARGUMENT, in one sentence with the number of the line, when a line is not like this, or
/// when `model` is a register and a second key appears.
absl::StatusOr<History> ReadHistory(std::istream& in, Model model);

/// Writes what `ReadHistory` reads. JSON holds text: bytes that are not UTF-8 are replaced.
void WriteHistory(const History& history, std::ostream& out);

}  // namespace quorum::check
