#pragma once

#include "grader/check/linearizability/history.h"

namespace quorum::check {

/// Decides linearizability by trying every order on real values, all keys at once: too slow for
/// more than about ten operations, and simple enough to be believed. For tests.
bool PlainlyLinearizable(const History& history, Model model);

/// Executes `op` on `value`. False: the value does not allow the result that `op` had.
bool PlainlyApply(const Operation& op, Model model, std::optional<std::string>& value);

}  // namespace quorum::check
