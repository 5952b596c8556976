#pragma once

#include <memory>
#include <vector>

#include "common/env/time.h"
#include "grader/explore/rule.h"

namespace quorum::explore::locks {

/// What must hold in every state of a small cell whose sessions have leases of this length. Servers
/// are judged by what they apply, what they answer, and what they propose by their own clocks;
/// most statements are those of grader/scenarios/lock_service/statements.h.
std::vector<std::shared_ptr<Rule>> CellRules(Duration lease);

/// What commands make of the cell, and what clients are told of it (cell_rules.cc).
std::shared_ptr<Rule> StateRules();
/// Who gets a lock in its lock-delay, and when masters end it (delay_rule.cc).
std::shared_ptr<Rule> DelayRule();
/// What masters promise, and keep (promise_rule.cc).
std::shared_ptr<Rule> PromiseRule(Duration lease);

}  // namespace quorum::explore::locks
