#include "grader/scenarios/raft/played_log.h"

namespace quorum::grader::raft {

using quorum::raft::AppendEntriesRequest;
using quorum::raft::AppendEntriesResponse;

AppendEntriesResponse PlayedLog::Append(const AppendEntriesRequest& request) {
  AppendEntriesResponse response;
  response.set_term(request.term());
  const LogIndex prev = request.prev_log_index();
  if (prev > terms_.size()) {
    ++refusals_;
    response.set_conflict_index(terms_.size() + 1);
    return response;
  }
  if (At(prev) != request.prev_log_term()) {
    ++refusals_;
    LogIndex first = prev;
    while (first > 1 && At(first - 1) == At(prev)) --first;
    response.set_conflict_term(At(prev));
    response.set_conflict_index(first);
    return response;
  }
  for (const auto& entry : request.entries()) {
    if (entry.index() <= terms_.size() && At(entry.index()) == entry.term()) continue;
    terms_.resize(entry.index() - 1);
    terms_.push_back(entry.term());
  }
  response.set_success(true);
  return response;
}

}  // namespace quorum::grader::raft
