#pragma once

#include "common/log/replicated_log.h"
#include "grader/scenarios/log/tap.h"
#include "labs/lab3_raft/kv.h"

namespace quorum::grader::kv {

/// Makes the server nodes of a room: what `server` makes, over a log that `make_log` makes and that
/// tells `tap` what it does to the state machine, the whole state included. A node's factory is a
/// plain function, so this holds for one room at a time: the last one that has asked.
NodeFactory HostServers(quorum::kv::ServerFactory server, ReplicatedLogFactory make_log, Tap& tap);

}  // namespace quorum::grader::kv
