#include "labs/lab3_raft/voting_record.h"

#include "common/env/not_written.h"

namespace quorum::raft {

VotingRecord::VotingRecord(Storage& storage, const NodeConfig& config) : storage_(storage) {
  // [solution]
  const auto stored = GetMessage<TermAndVote>(storage_, kStateKey);
  lost_ = !stored && !config.first_boot();
  if (stored) kept_ = *stored;
  // [end]
}

absl::Status VotingRecord::Keep(Term current_term, NodeId voted_for) {
  // [solution: Make both durable, and then remember them (handout 3A, step 1).]
  TermAndVote next;
  next.set_current_term(current_term);
  next.set_voted_for(voted_for);
  WriteBatch batch;
  batch.PutMessage(kStateKey, next);
  if (const absl::Status written = storage_.Write(batch); !written.ok()) return written;
  kept_ = next;
  return absl::OkStatus();
  // [end]
}

}  // namespace quorum::raft
