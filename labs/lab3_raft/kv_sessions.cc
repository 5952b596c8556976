// Client sessions (Ongaro's thesis, section 6.3).
#include "labs/lab3_raft/kv_sessions.h"

#include <algorithm>

#include "common/env/not_written.h"

namespace quorum::kv {

void Sessions::Open(LogIndex index) {
  NotWritten("Open the session; the one used least recently expires if there are too many (handout "
             "3G, step 4).");
}

std::optional<WriteResponse> Sessions::Find(const RequestId& id, LogIndex index) {
  NotWritten("Steps 1 to 3 of what kv.proto says of a write (handout 3G, steps 2 to 4).");
}

void Sessions::Remember(const RequestId& id, const WriteResponse& response) {
  NotWritten(
      "Keep the answer itself: the write cannot be asked for it again (handout 3G, step 2).");
}

void Sessions::Save(Snapshot& snapshot) const {
  NotWritten("Without the sessions, a snapshot is not the state (handout 3G, step 5).");
}

void Sessions::Load(const Snapshot& snapshot) {
  NotWritten("Take over what `Save` has written (handout 3G, step 5).");
}

}  // namespace quorum::kv
