// Client interaction (section 8), and what the state machine asks for.
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {
namespace {

// A leader that nobody answers does not collect commands without end.
constexpr LogIndex kMostUncommitted = 1000;

}  // namespace

void Server::Propose(std::string_view command,
                     absl::AnyInvocable<void(const ProposeOutcome&)> done) {
  // [solution: Append it to your log if you lead, and remember who waits (section 5.3; handout 3B,
  // step 2).]
  if (role_ != ServerRole::kLeader || log_.last_index() - commit_index_ >= kMostUncommitted) {
    return done({.kind = ProposeOutcome::Kind::kNotLeader, .leader_hint = leader_id_});
  }
  if (transfer_) {  // its target must not be left behind (thesis, section 3.10)
    return done({.kind = ProposeOutcome::Kind::kNotLeader, .leader_hint = transfer_->target});
  }
  Entry entry;
  entry.set_index(log_.last_index() + 1);
  entry.set_term(current_term());
  entry.set_command(std::string(command));
  if (!log_.Append({entry}, {.sync = false}).ok()) {
    BecomeFollower();  // a leader whose disk is full makes room for another one
    return done({.kind = ProposeOutcome::Kind::kNotLeader});
  }
  proposals_[entry.index()] = std::move(done);
  for (const NodeId peer : others()) ReplicateTo(peer);
  // The others' disks write at the same time. What leaves from here on waits for this disk, too, so
  // that this server counts as one that holds the entry (thesis, section 10.2.1).
  if (!env_.storage().Write({}).ok()) return BecomeFollower();
  AdvanceCommitIndex();
  // [end]
}

void Server::ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) {
  // [solution: Confirm with a quorum that you lead, once announced (section 8; handout 3B, step
  // 8).]
  if (role_ != ServerRole::kLeader) {
    return done(absl::UnavailableError("This server does not lead."));
  }
  if (!announced_) return void(early_reads_.push_back(std::move(done)));
  // If this server still leads, nobody else has committed anything beyond its commit index.
  reads_.push_back({sent_, commit_index_, std::move(done)});
  if (!HoldsLease()) {
    for (const NodeId peer : others()) SendAppendEntries(peer, 0);
  }
  ConfirmReads();
  // [end]
}

void Server::ConfirmReads() {
  // [solution: Count answers to what was sent after somebody asked (section 8; handout 3B, step
  // 8).]
  if (reads_.empty()) return;
  const bool holds_lease = HoldsLease();  // (thesis, section 6.4.1; handout 3F, bonus)
  const auto confirmed = [this, holds_lease](const WaitingRead& waiting) {
    if (last_applied_ < waiting.index) return false;
    if (holds_lease) return true;
    return IsQuorum(log_.configuration(), [&](NodeId server) {
      return server == config_.self() || followers_.at(server).answered > waiting.after;
    });
  };
  std::vector<WaitingRead> settled;
  while (!reads_.empty() && confirmed(reads_.front())) {
    settled.push_back(std::move(reads_.front()));
    reads_.erase(reads_.begin());
  }
  for (WaitingRead& waiting : settled) waiting.done(absl::OkStatus());
  // [end]
}

void Server::DiscardUpTo(LogIndex index, std::string snapshot) {
  // [solution: Keep the snapshot instead of the entries (section 7; handout 3D, step 1).]
  if (index <= log_.snapshot_index()) return;
  Snapshot kept;
  kept.set_last_included_index(index);
  kept.set_last_included_term(*log_.TermAt(index));
  kept.set_state(std::move(snapshot));
  *kept.mutable_configuration() = log_.configurations().At(index);
  log_.KeepSnapshot(std::move(kept)).IgnoreError();  // on a full disk the entries just stay
  // [end]
}

}  // namespace quorum::raft
