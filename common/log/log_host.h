#pragma once

#include <memory>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "common/log/replicated_log.h"

namespace quorum {

/// Makes a node that stands on a replicated log which somebody else has written: `make_log` makes
/// the node's own, over the same `env` and `config`. A module offers such a node as a part of this
/// type, and whoever runs it brings the log: the grader and `quorum_node --log-module` alike.
using LogHostFactory = std::unique_ptr<Node> (*)(Env& env, const NodeConfig& config,
                                                 ReplicatedLogFactory make_log);

/// The name of that type, and of `ReplicatedLogFactory`, in a module's table.
inline constexpr const char* kLogHostFactoryType = "LogHostFactory";
inline constexpr const char* kReplicatedLogFactoryType = "ReplicatedLogFactory";

}  // namespace quorum
