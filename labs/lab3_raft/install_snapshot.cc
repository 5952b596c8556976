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
  NotWritten("Send the next piece, unless one is on its way (handout 3D, step 2).");
}

void Server::OnPiece(NodeId peer, Term term, LogIndex index, Time at,
                     const absl::StatusOr<InstallSnapshotResponse>& response) {
  NotWritten("Go on where the follower says, or with the log behind it (handout 3D, step 2).");
}

void Server::InstallSnapshot(const InstallSnapshotRequest& request,
                             Responder<InstallSnapshotResponse> responder) {
  NotWritten("Follow whoever leads this term, take the piece, and say what you have (handout 3D, "
             "step 3).");
}

absl::StatusOr<std::uint64_t> Server::Receive(const InstallSnapshotRequest& piece) {
  NotWritten("Put the pieces of one snapshot together, and never pieces of two (figure 13; handout "
             "3D, step 3).");
}

}  // namespace quorum::raft
