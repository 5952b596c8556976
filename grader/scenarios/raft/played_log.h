#pragma once

#include <vector>

#include "labs/lab3_raft/raft.h"

namespace quorum::grader::raft {

using quorum::raft::Term;

/// The log of a follower that the scenario plays: the terms of its entries, and how it answers.
class PlayedLog {
 public:
  explicit PlayedLog(std::vector<Term> terms) : terms_(std::move(terms)) {}

  const std::vector<Term>& terms() const { return terms_; }
  int refusals() const { return refusals_; }

  /// Does what figure 2 says of AppendEntries, and answers.
  quorum::raft::AppendEntriesResponse Append(const quorum::raft::AppendEntriesRequest& request);

 private:
  Term At(LogIndex index) const { return index == 0 ? 0 : terms_[index - 1]; }

  std::vector<Term> terms_;
  int refusals_ = 0;
};

}  // namespace quorum::grader::raft
