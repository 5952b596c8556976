// Client interaction (section 8), and what the state machine asks for.
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {
namespace {

// A leader that nobody answers does not collect commands without end.
constexpr LogIndex kMostUncommitted = 1000;

}  // namespace

void Server::Propose(std::string_view command,
                     absl::AnyInvocable<void(const ProposeOutcome&)> done) {
  NotWritten("Append it to your log if you lead, and remember who waits (section 5.3; handout 3B, "
             "step 2).");
}

void Server::ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) {
  NotWritten(
      "Confirm with a quorum that you lead, once announced (section 8; handout 3B, step 8).");
}

void Server::ConfirmReads() {
  NotWritten(
      "Count answers to what was sent after somebody asked (section 8; handout 3B, step 8).");
}

void Server::DiscardUpTo(LogIndex index, std::string snapshot) {
  NotWritten("Keep the snapshot instead of the entries (section 7; handout 3D, step 1).");
}

}  // namespace quorum::raft
