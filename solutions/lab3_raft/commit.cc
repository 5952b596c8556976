// Committing and applying (figure 2, "All Servers" and "Leaders"; sections 5.3 and 5.4.2).
#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {

void Server::AdvanceCommitIndex() {
  // [solution: Commit what a majority holds, if it is of your own term (section 5.4.2; handout 3B,
  // step 6).]
  if (role_ != ServerRole::kLeader) return;
  if (commit_index_ == log_.last_index()) return GoOnWithChange();
  const auto match = [this](NodeId server) {
    return server == config_.self() ? log_.last_index() : followers_.at(server).match;
  };
  LogIndex index = 0;
  for (const NodeId candidate : MembersOf(log_.configuration())) {
    const LogIndex up_to = match(candidate);
    const auto holds = [&](NodeId server) { return match(server) >= up_to; };
    if (IsQuorum(log_.configuration(), holds)) index = std::max(index, up_to);
  }
  // An entry of an earlier term on a majority may still be overwritten (figure 8). Committing one
  // of this term commits all before it.
  if (log_.TermAt(index) == current_term()) CommitUpTo(index);
  GoOnWithChange();
  // [end]
}

void Server::CommitUpTo(LogIndex index) {
  // [solution: Raise the commit index, and apply in order what is committed (section 5.3; handout
  // 3B, step 7).]
  commit_index_ = std::max(commit_index_, index);
  if (applying_) return;  // whoever is told below may propose, and be here again
  applying_ = true;
  while (last_applied_ < commit_index_) {
    if (last_applied_ < log_.snapshot_index()) {
      Restore();
    } else {
      ApplyNext();
    }
  }
  applying_ = false;
  ConfirmReads();
  // [end]
}

void Server::Restore() {
  // [solution: Give the state machine the snapshot instead of commands (handout 3D, step 4).]
  last_applied_ = log_.snapshot_index();
  const absl::Status restored = machine_.Restore(last_applied_, log_.snapshot()->state());
  Check(restored.ok(), "A state machine restores what it has made itself.");
  // [end]
}

void Server::ApplyNext() {
  // [solution: Apply one entry, and answer whoever has proposed it (handout 3B, step 7).]
  const Entry entry = log_.At(++last_applied_);
  ProposeOutcome outcome{.kind = ProposeOutcome::Kind::kApplied, .index = last_applied_};
  if (!entry.no_op() && !entry.has_configuration())
    outcome.result = machine_.Apply(last_applied_, entry.command());
  if (role_ == ServerRole::kLeader && last_applied_ == first_own_) Announce();
  // Proposals wait only as long as the leadership lasts, and nobody else's entries are in its
  // places.
  if (auto waiting = proposals_.extract(last_applied_)) waiting.mapped()(outcome);
  // [end]
}

void Server::Announce() {
  // [solution: Tell the state machine that you lead, and let early reads go on (section 8; handout
  // 3B, step 8).]
  announced_ = true;
  machine_.OnLeadership(current_term());
  std::vector<ReadDone> reads = std::exchange(early_reads_, {});
  for (ReadDone& done : reads) ReadBarrier(std::move(done));
  // [end]
}

}  // namespace quorum::raft
