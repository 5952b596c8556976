#pragma once

#include "common/env/env.h"
#include "common/env/node_config.pb.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::raft {

/// currentTerm and votedFor (figure 2, persistent state), in memory as they are on the disk.
class VotingRecord {
 public:
  VotingRecord(Storage& storage, const NodeConfig& config);

  /// True: this server has lost its disk, and must not take part any more.
  bool lost() const { return lost_; }
  Term current_term() const { return kept_.current_term(); }
  /// Who has received this server's vote in the current term; 0: nobody.
  NodeId voted_for() const { return kept_.voted_for(); }

  /// Keeps both durably. An error has changed nothing.
  absl::Status Keep(Term current_term, NodeId voted_for);

 private:
  Storage& storage_;
  bool lost_ = false;
  TermAndVote kept_;
};

}  // namespace quorum::raft
