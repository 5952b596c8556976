// "AppendEntries RPC" (figure 2; section 5.3): what a follower does.
#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {

void Server::AppendEntries(const AppendEntriesRequest& request,
                           Responder<AppendEntriesResponse> responder) {
  // [solution: Follow whoever leads this term, and answer (handout 3A, step 5); then check, append
  // and commit (3B, step 3).]
  if (const absl::Status entered = ObserveTerm(request.term()); !entered.ok()) {
    return responder.Fail(entered);
  }
  AppendEntriesResponse response;
  response.set_term(current_term());
  if (request.term() < current_term()) return responder.Reply(response);  // step 1
  Follow(request.leader_id());
  if (!HasEntry(request.prev_log_index(), request.prev_log_term())) {  // step 2
    ReportConflict(request.prev_log_index(), response);
    return responder.Reply(response);
  }
  const absl::Status appended = AppendNew(request);  // steps 3 and 4
  if (!appended.ok()) return responder.Fail(appended);
  response.set_success(true);
  responder.Reply(response);
  // Step 5. Behind the last new entry this log may be another one.
  const LogIndex last_new =
      request.prev_log_index() + static_cast<LogIndex>(request.entries_size());
  CommitUpTo(std::min(request.leader_commit(), last_new));
  // [end]
}

void Server::Follow(NodeId leader) {
  // [solution: Know who leads, and do not stand for election soon (handout 3A, step 5).]
  Check(role_ != ServerRole::kLeader, "A term has at most one leader (Raft, section 5.2).");
  BecomeFollower();
  leader_id_ = leader;
  heard_ = env_.Now();
  if (transfer_) {
    EndTransfer(leader == transfer_->target ? TransferLeadershipResponse::DONE
                                            : TransferLeadershipResponse::ABORTED);
  }
  AwaitElection();
  // [end]
}

bool Server::HasEntry(LogIndex index, Term term) const {
  // [solution: Say whether your log agrees with the leader's up to this entry (section 5.3; handout
  // 3B, step 3).]
  // What a snapshot covers is committed, and every leader's log has that.
  return index < log_.snapshot_index() || log_.TermAt(index) == term;
  // [end]
}

void Server::ReportConflict(LogIndex prev, AppendEntriesResponse& response) const {
  // [solution: Tell the leader how far to go back (end of section 5.3; handout 3B, step 5).]
  if (prev > log_.last_index()) return response.set_conflict_index(log_.last_index() + 1);
  response.set_conflict_term(*log_.TermAt(prev));
  response.set_conflict_index(log_.FirstOfTerm(response.conflict_term()));
  // [end]
}

absl::Status Server::AppendNew(const AppendEntriesRequest& request) {
  // [solution: Delete from the first conflict on, and append what is new (handout 3B, step 3).]
  const auto is_new = [this](const Entry& entry) { return !HasEntry(entry.index(), entry.term()); };
  // A message that comes late tells of entries that are here already, and maybe of fewer than are
  // here: whatever agrees stays.
  const auto first = std::find_if(request.entries().begin(), request.entries().end(), is_new);
  if (first == request.entries().end()) return absl::OkStatus();
  Check(first->index() > commit_index_, "A committed entry stays (Raft, section 5.4.3).");
  return log_.Append(std::vector<Entry>(first, request.entries().end()));
  // [end]
}

}  // namespace quorum::raft
