#pragma once

#include "common/env/env.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::raft {

/// What a leader that makes room for another server remembers of it (part 3F). Given.
struct Transfer {
  NodeId target = 0;
  Responder<TransferLeadershipResponse> responder;  ///< for the administrator
  Timer limit;                                      ///< when it is given up
  bool told = false;                                ///< a TimeoutNow is on its way, or has arrived
};

}  // namespace quorum::raft
