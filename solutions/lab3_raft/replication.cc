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
  // [solution: Send a heartbeat to everyone, again and again (section 5.2; handout 3A, step 5).]
  if (check_quorum_ && HasLostQuorum()) return BecomeFollower();
  tick_ = env_.After(kHeartbeat, [this] { SendHeartbeats(); });
  for (auto& [peer, follower] : followers_) {
    SendAppendEntries(peer, 0);
    if (follower.snapshot && !follower.piece_in_flight) SendSnapshot(peer);
  }
  if (change_) GoOnWithChange();
  // [end]
}

void Server::AddFollower(NodeId peer) {
  const auto [added, fresh] = followers_.try_emplace(peer);
  if (!fresh) return;
  added->second.next = log_.last_index() + 1;
  added->second.attempt = sent_ + 1;  // no answer to an earlier message counts
}

void Server::ReplicateTo(NodeId peer) {
  // [solution: Send what the follower misses, in several messages at once (handout 3B, step 2).]
  Follower& follower = followers_.at(peer);
  if (follower.next <= log_.snapshot_index()) return SendSnapshot(peer);
  while (follower.next <= log_.last_index() &&
         follower.in_flight < (follower.probing ? 1 : kMostInFlight)) {
    SendAppendEntries(peer, most_entries_);
  }
  // [end]
}

void Server::SendAppendEntries(NodeId peer, std::size_t most_entries) {
  // [solution: Send up to so many entries, and what is needed to check them (handout 3B, step 2).]
  Follower& follower = followers_.at(peer);
  const LogIndex prev = std::max(follower.next - 1, log_.snapshot_index());
  AppendEntriesRequest request;
  request.set_term(current_term());
  request.set_leader_id(config_.self());
  request.set_prev_log_index(prev);
  request.set_prev_log_term(*log_.TermAt(prev));
  request.set_leader_commit(commit_index_);
  LogIndex last = prev;
  for (std::size_t bytes = 0;
       last < log_.last_index() && last - prev < most_entries && bytes < kMostBytes;) {
    *request.add_entries() = log_.At(++last);
    bytes += log_.At(last).command().size();
  }
  if (last > prev) {
    // Do not wait for the answer: what comes next is sent behind it.
    follower.next = last + 1;
    ++follower.in_flight;
  }
  const Sent sent = {current_term(), ++sent_, env_.Now(), follower.attempt, prev, last};
  env_.Call(peer, kAppendEntries, request, kCallTimeout,
            [this, peer, sent](const auto& response) { OnAppended(peer, sent, response); });
  // [end]
}

void Server::OnAppended(NodeId peer, const Sent& sent,
                        const absl::StatusOr<AppendEntriesResponse>& response) {
  // [solution: Note how far the follower's log agrees, or go back (handout 3B, steps 4 and 5).]
  if (response.ok() && response->term() > current_term()) {
    return ObserveTerm(response->term()).IgnoreError();
  }
  // The answer may be to a leadership of long ago: it says nothing about the log of now.
  if (role_ != ServerRole::kLeader || sent.term != current_term()) return;
  if (!followers_.contains(peer)) return;  // it is no member any more
  Follower& follower = followers_.at(peer);
  const bool latest = sent.attempt == follower.attempt;
  if (latest && sent.last > sent.prev) --follower.in_flight;
  if (!response.ok()) {
    if (latest) follower.Probe(follower.match + 1);  // the next heartbeat asks
    return;
  }
  follower.answered = std::max(follower.answered, sent.number);
  follower.confirmed = std::max(follower.confirmed, std::optional(sent.at));
  if (response->success()) {
    follower.match = std::max(follower.match, sent.last);
    follower.next = std::max(follower.next, follower.match + 1);
    if (latest) follower.probing = false;
    if (follower.match >= log_.snapshot_index()) follower.snapshot = nullptr;
  } else if (latest) {
    follower.Probe(BackUp(follower.match, sent, *response));
  }
  AdvanceCommitIndex();
  ConfirmReads();
  if (role_ == ServerRole::kLeader && followers_.contains(peer)) ReplicateTo(peer);
  TellToStand();
  // [end]
}

LogIndex Server::BackUp(LogIndex match, const Sent& sent,
                        const AppendEntriesResponse& response) const {
  // [solution: Skip all conflicting entries of one term at a time (end of section 5.3; handout 3B,
  // step 5).]
  LogIndex next = response.conflict_index();
  // If this log has entries of that term, the follower's may agree with the last of them.
  const LogIndex behind = log_.FirstOfTerm(response.conflict_term() + 1);
  const bool has_term =
      response.conflict_term() > 0 && log_.TermAt(behind - 1) == response.conflict_term();
  if (has_term && behind <= sent.prev) next = behind;
  return std::clamp(next, match + 1, std::max(match + 1, sent.prev));
  // [end]
}

}  // namespace quorum::raft
