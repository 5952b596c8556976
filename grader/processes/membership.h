#pragma once

#include <map>
#include <set>
#include <string>

#include "common/env/time.h"

namespace quorum::grader {

/// Has the servers of a Raft log, in turns, asked for a configuration until it is in use; false: it
/// never is.
bool ChangeVoters(const std::map<NodeId, std::string>& addresses, const std::set<NodeId>& voters);

}  // namespace quorum::grader
