#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "grader/explore/rule.h"

namespace quorum::explore::paxos {

/// What must hold in every state of a world in which `nodes` nodes decide one thing and clients
/// propose `proposed`: part 2A and 2B of lab 2. Judged by messages and disks alone.
std::vector<std::shared_ptr<Rule>> SynodRules(std::size_t nodes, std::set<std::string> proposed);

}  // namespace quorum::explore::paxos
