// "InstallSnapshot RPC" (figure 13; section 7): both sides of it.
#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {
namespace {

using namespace std::chrono_literals;

constexpr Duration kCallTimeout = 200ms;
constexpr std::size_t kPiece = 16 << 10;

}  // namespace

void Server::SendSnapshot(NodeId peer) {
  // [solution: Send the next piece, unless one is on its way (handout 3D, step 2).]
  Follower& follower = followers_.at(peer);
  if (follower.piece_in_flight) return;
  if (!follower.snapshot) {
    // This very snapshot to the end, even if there is a newer one before that.
    follower.snapshot = log_.snapshot();
    follower.offset = 0;
  }
  const Snapshot& snapshot = *follower.snapshot;
  InstallSnapshotRequest request;
  request.set_term(current_term());
  request.set_leader_id(config_.self());
  request.set_last_included_index(snapshot.last_included_index());
  request.set_last_included_term(snapshot.last_included_term());
  if (snapshot.has_configuration()) *request.mutable_configuration() = snapshot.configuration();
  request.set_offset(follower.offset);
  request.set_data(snapshot.state().substr(follower.offset, kPiece));
  request.set_done(follower.offset + request.data().size() == snapshot.state().size());
  follower.piece_in_flight = true;
  env_.Call(peer, kInstallSnapshot, request, kCallTimeout,
            [this, peer, term = current_term(), index = snapshot.last_included_index(),
             at = env_.Now()](const auto& response) { OnPiece(peer, term, index, at, response); });
  // [end]
}

void Server::OnPiece(NodeId peer, Term term, LogIndex index, Time at,
                     const absl::StatusOr<InstallSnapshotResponse>& response) {
  // [solution: Go on where the follower says, or with the log behind it (handout 3D, step 2).]
  if (response.ok() && response->term() > current_term()) {
    return ObserveTerm(response->term()).IgnoreError();
  }
  if (role_ != ServerRole::kLeader || term != current_term()) return;
  if (!followers_.contains(peer)) return;  // it is no member any more
  Follower& follower = followers_.at(peer);
  follower.piece_in_flight = false;
  if (response.ok()) follower.confirmed = std::max(follower.confirmed, std::optional(at));
  if (!response.ok() || !follower.snapshot) return;  // a heartbeat sends it again
  const std::uint64_t size = follower.snapshot->state().size();
  follower.offset = std::min<std::uint64_t>(response->next_offset(), size);
  if (follower.offset < size) return SendSnapshot(peer);
  follower.snapshot = nullptr;
  follower.match = std::max(follower.match, index);
  follower.next = std::max(follower.next, follower.match + 1);
  ReplicateTo(peer);
  // [end]
}

void Server::InstallSnapshot(const InstallSnapshotRequest& request,
                             Responder<InstallSnapshotResponse> responder) {
  // [solution: Follow whoever leads this term, take the piece, and say what you have (handout 3D,
  // step 3).]
  if (const absl::Status entered = ObserveTerm(request.term()); !entered.ok()) {
    return responder.Fail(entered);
  }
  InstallSnapshotResponse response;
  response.set_term(current_term());
  if (request.term() < current_term()) return responder.Reply(response);
  Follow(request.leader_id());
  const absl::StatusOr<std::uint64_t> received = Receive(request);
  if (!received.ok()) return responder.Fail(received.status());
  response.set_next_offset(*received);
  responder.Reply(response);
  CommitUpTo(log_.snapshot_index());
  // [end]
}

absl::StatusOr<std::uint64_t> Server::Receive(const InstallSnapshotRequest& piece) {
  // [solution: Put the pieces of one snapshot together, and never pieces of two (figure 13; handout
  // 3D, step 3).]
  const LogIndex index = piece.last_included_index();
  // What it covers is here already, and maybe more: nothing goes back to it.
  if (index <= commit_index_) return piece.offset() + piece.data().size();
  if (arriving_.last_included_index() != index || arriving_in_ != piece.term()) {
    arriving_.Clear();
    arriving_.set_last_included_index(index);
    arriving_.set_last_included_term(piece.last_included_term());
    if (piece.has_configuration()) *arriving_.mutable_configuration() = piece.configuration();
    arriving_in_ = piece.term();
  }
  // A piece that comes twice, or behind one that was lost, does not fit.
  const bool fits = piece.offset() == arriving_.state().size();
  if (fits) arriving_.mutable_state()->append(piece.data());
  const std::uint64_t size = arriving_.state().size();
  if (!fits || !piece.done()) return size;
  const absl::Status kept = log_.KeepSnapshot(std::exchange(arriving_, {}));
  if (!kept.ok()) return kept;
  return size;
  // [end]
}

}  // namespace quorum::raft
