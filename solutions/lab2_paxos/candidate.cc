#include "labs/lab2_paxos/candidate.h"

#include <algorithm>

#include "common/env/not_written.h"

namespace quorum::paxos {

bool Candidate::AddPromise(NodeId from, const PrepareLogResponse& promise) {
  // [solution: Remember the promise, and who knows most decisions (handout 2C, step 3).]
  promises_[from] = promise;
  if (promise.committed() >= decided_) {
    decided_ = promise.committed();
    knows_decided_ = from;
  }
  return promises_.size() >= quorum_;
  // [end]
}

std::vector<Entry> Candidate::Proposals() const {
  // [solution: Choose what the highest ballots report, and no-ops between them (handout 2C, step
  // 3).]
  std::map<LogIndex, Entry> highest;
  for (const auto& [from, promise] : promises_) {
    for (const Entry& entry : promise.accepted()) {
      if (entry.index() <= decided_) continue;
      Entry& known = highest[entry.index()];
      if (known.ballot() < entry.ballot()) known = entry;
    }
  }
  std::vector<Entry> proposals;
  const LogIndex last = highest.empty() ? decided_ : highest.rbegin()->first;
  for (LogIndex index = decided_ + 1; index <= last; ++index) {
    Entry& entry = proposals.emplace_back();
    if (const auto found = highest.find(index); found != highest.end()) {
      entry = found->second;
    } else {
      // Nothing was reported, so nothing was decided here, and nothing will be under a lower
      // ballot. What comes behind it cannot be applied while there is a hole.
      entry.set_no_op(true);
    }
    entry.set_index(index);
    entry.clear_ballot();
  }
  return proposals;
  // [end]
}

}  // namespace quorum::paxos
