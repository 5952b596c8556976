// Committing and applying (figure 2, "All Servers" and "Leaders"; sections 5.3 and 5.4.2).
#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {

void Server::AdvanceCommitIndex() {
  NotWritten("Commit what a majority holds, if it is of your own term (section 5.4.2; handout 3B, "
             "step 6).");
}

void Server::CommitUpTo(LogIndex index) {
  NotWritten("Raise the commit index, and apply in order what is committed (section 5.3; handout "
             "3B, step 7).");
}

void Server::Restore() {
  NotWritten("Give the state machine the snapshot instead of commands (handout 3D, step 4).");
}

void Server::ApplyNext() {
  NotWritten("Apply one entry, and answer whoever has proposed it (handout 3B, step 7).");
}

void Server::Announce() {
  NotWritten("Tell the state machine that you lead, and let early reads go on (section 8; handout "
             "3B, step 8).");
}

}  // namespace quorum::raft
