#pragma once

#include "common/log/log_host.h"
#include "common/log/replicated_log.h"
#include "grader/scenarios/log/tap.h"

namespace quorum::grader {

/// Who hears what logs do to state machines: `before` the machine does (if anybody), without the
/// state, so that what it answers then is known, and `after`, with the state.
struct Taps {
  Tap* before = nullptr;
  Tap* after = nullptr;
};

/// Makes the server nodes of a room: what `server` makes, over a log that `make_log` makes and that
/// tells `taps` what it does to the state machine. A node's factory is a plain function, so this
/// holds for one room at a time: the last one that has asked.
NodeFactory HostServers(LogHostFactory server, ReplicatedLogFactory make_log, const Taps& taps);

}  // namespace quorum::grader
