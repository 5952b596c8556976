#pragma once

#include <memory>
#include <vector>

#include "grader/explore/rule.h"

namespace quorum::explore::raft {

/// What must hold in every state of a world of `nodes` servers of lab 3 that keep no snapshots:
/// their statements are those of grader/scenarios/raft/statements.h.
std::vector<std::shared_ptr<Rule>> RaftRules(std::size_t nodes);

/// What a server does by itself (conduct.cc), and what servers do together (story.cc).
std::shared_ptr<Rule> ConductRules();
std::shared_ptr<Rule> StoryRules(std::size_t nodes);

}  // namespace quorum::explore::raft
