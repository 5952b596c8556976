// "AppendEntries RPC" (figure 2; section 5.3): what a follower does.
#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {

void Server::AppendEntries(const AppendEntriesRequest& request,
                           Responder<AppendEntriesResponse> responder) {
  NotWritten("Follow whoever leads this term, and answer (handout 3A, step 5); then check, append "
             "and commit (3B, step 3).");
}

void Server::Follow(NodeId leader) {
  NotWritten("Know who leads, and do not stand for election soon (handout 3A, step 5).");
}

bool Server::HasEntry(LogIndex index, Term term) const {
  NotWritten("Say whether your log agrees with the leader's up to this entry (section 5.3; handout "
             "3B, step 3).");
}

void Server::ReportConflict(LogIndex prev, AppendEntriesResponse& response) const {
  NotWritten("Tell the leader how far to go back (end of section 5.3; handout 3B, step 5).");
}

absl::Status Server::AppendNew(const AppendEntriesRequest& request) {
  NotWritten("Delete from the first conflict on, and append what is new (handout 3B, step 3).");
}

}  // namespace quorum::raft
