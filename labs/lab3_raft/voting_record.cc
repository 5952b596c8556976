#include "labs/lab3_raft/voting_record.h"

#include "common/env/not_written.h"

namespace quorum::raft {

VotingRecord::VotingRecord(Storage& storage, const NodeConfig& config) : storage_(storage) {}

absl::Status VotingRecord::Keep(Term current_term, NodeId voted_for) {
  NotWritten("Make both durable, and then remember them (handout 3A, step 1).");
}

}  // namespace quorum::raft
