#pragma once

#include <memory>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"

namespace quorum::hash_ring {

/// Whether this node has lost its data: it has written something once, and nothing is there (1D).
bool HasLostItsData(Env& env, const NodeConfig& config);

/// A node that answers every request with FAILED_PRECONDITION.
std::unique_ptr<Node> MakeRefusingNode(Env& env);

}  // namespace quorum::hash_ring
