#pragma once

#include <map>
#include <memory>
#include <string>

#include "grader/processes/cluster_client.h"

namespace quorum::grader {

/// A client of a cell of the lock service.
std::unique_ptr<ClusterClient> MakeLockClient(std::map<NodeId, std::string> addresses, int number);

}  // namespace quorum::grader
