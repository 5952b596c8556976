#include "labs/lab2_paxos/candidate.h"

#include <algorithm>

#include "common/env/not_written.h"

namespace quorum::paxos {

bool Candidate::AddPromise(NodeId from, const PrepareLogResponse& promise) {
  NotWritten("Remember the promise, and who knows most decisions (handout 2C, step 3).");
}

std::vector<Entry> Candidate::Proposals() const {
  NotWritten(
      "Choose what the highest ballots report, and no-ops between them (handout 2C, step 3).");
}

}  // namespace quorum::paxos
