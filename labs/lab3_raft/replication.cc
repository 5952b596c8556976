// "Rules for Servers: Leaders" (figure 2; section 5.3).
#include <algorithm>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {
namespace {

using namespace std::chrono_literals;

constexpr Duration kHeartbeat = 50ms;
constexpr Duration kCallTimeout = 500ms;
// Messages with entries, to one follower: while one is on its way, another one goes, and what comes
// after that waits and goes together. A message costs more than the entries in it.
constexpr int kMostInFlight = 2;
constexpr std::size_t kMostBytes = 64 << 10;

}  // namespace

void Server::SendHeartbeats() {
  NotWritten("Send a heartbeat to everyone, again and again (section 5.2; handout 3A, step 5).");
}

void Server::AddFollower(NodeId peer) {
  const auto [added, fresh] = followers_.try_emplace(peer);
  if (!fresh) return;
  added->second.next = log_.last_index() + 1;
  added->second.attempt = sent_ + 1;  // no answer to an earlier message counts
}

void Server::ReplicateTo(NodeId peer) {
  NotWritten("Send what the follower misses, in several messages at once (handout 3B, step 2).");
}

void Server::SendAppendEntries(NodeId peer, std::size_t most_entries) {
  NotWritten("Send up to so many entries, and what is needed to check them (handout 3B, step 2).");
}

void Server::OnAppended(NodeId peer, const Sent& sent,
                        const absl::StatusOr<AppendEntriesResponse>& response) {
  NotWritten("Note how far the follower's log agrees, or go back (handout 3B, steps 4 and 5).");
}

LogIndex Server::BackUp(LogIndex match, const Sent& sent,
                        const AppendEntriesResponse& response) const {
  NotWritten("Skip all conflicting entries of one term at a time (end of section 5.3; handout 3B, "
             "step 5).");
}

}  // namespace quorum::raft
