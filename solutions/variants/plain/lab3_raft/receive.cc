#include "plain_raft.h"

namespace quorum::raft {

/// Enters the term, if it is a later one; false: the disk is full. `leader` is 0 for a candidate.
bool PlainRaft::Hear(Term seen, NodeId leader) {
  if (seen > term()) {
    StepDown(0);
    if (!SetTerm(seen, 0).ok()) return false;
    leader_ = 0;
  }
  if (leader != 0 && seen == term()) {
    stands_ = false;
    asks_ = false;
    leader_ = leader;
    heard_ = env_.Now();
    loyal_since_ = heard_;
  }
  return true;
}

RequestVoteResponse PlainRaft::Vote(const RequestVoteRequest& request) {
  RequestVoteResponse response;
  full_ = false;
  if (disregards_ && !request.leadership_transfer() && Loyal()) {
    response.set_term(term());
    return response;
  }
  full_ = !Hear(request.term(), 0);
  response.set_term(term());
  const bool free = state_.voted_for() == 0 || state_.voted_for() == request.candidate_id();
  const bool better = std::pair(request.last_log_term(), request.last_log_index()) >=
                      std::pair(TermOf(last()), last());
  if (full_ || request.term() < term() || !free || !better) return response;
  full_ = !SetTerm(term(), request.candidate_id()).ok();
  heard_ = env_.Now();
  asks_ = false;
  response.set_vote_granted(!full_);
  return response;
}

AppendEntriesResponse PlainRaft::Append(const AppendEntriesRequest& request) {
  AppendEntriesResponse response;
  full_ = !Hear(request.term(), request.leader_id());
  response.set_term(term());
  if (full_ || request.term() < term()) return response;
  const LogIndex prev = request.prev_log_index();
  if (prev > last()) {
    response.set_conflict_index(last() + 1);
    return response;
  }
  if (prev >= base() && TermOf(prev) != request.prev_log_term()) {
    response.set_conflict_term(TermOf(prev));
    LogIndex first = prev;
    while (first > base() + 1 && TermOf(first - 1) == TermOf(prev)) --first;
    response.set_conflict_index(first);
    return response;
  }
  std::vector<Entry> fresh;
  for (const Entry& entry : request.entries()) {
    if (entry.index() <= base()) continue;
    if (fresh.empty() && TermOf(entry.index()) == entry.term()) continue;
    fresh.push_back(entry);
  }
  full_ = !fresh.empty() && !Replace(fresh).ok();
  if (full_) return response;
  response.set_success(true);
  const LogIndex agreed = prev + static_cast<LogIndex>(request.entries_size());
  commit_ = std::max(commit_, std::min(request.leader_commit(), agreed));
  return response;
}

InstallSnapshotResponse PlainRaft::Install(const InstallSnapshotRequest& request) {
  InstallSnapshotResponse response;
  full_ = !Hear(request.term(), request.leader_id());
  response.set_term(term());
  if (full_ || request.term() < term()) return response;
  if (request.last_included_index() <= commit_) {
    response.set_next_offset(request.offset() + request.data().size());
    return response;
  }
  if (request.offset() == 0 || pieces_of_ != request.term() ||
      pieces_.last_included_index() != request.last_included_index()) {
    pieces_of_ = request.term();
    pieces_.set_last_included_index(request.last_included_index());
    pieces_.set_last_included_term(request.last_included_term());
    pieces_.clear_configuration();
    if (request.has_configuration()) *pieces_.mutable_configuration() = request.configuration();
    pieces_.clear_state();
  }
  const bool fits = request.offset() == pieces_.state().size();
  if (fits) pieces_.mutable_state()->append(request.data());
  response.set_next_offset(pieces_.state().size());
  if (!fits || !request.done()) return response;
  full_ = !KeepSnapshot(pieces_).ok();
  pieces_.Clear();
  if (!full_) commit_ = std::max(commit_, base());
  return response;
}

}  // namespace quorum::raft
