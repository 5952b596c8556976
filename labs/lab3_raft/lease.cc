// What a leader knows by the answers to what it has sent: whether it leads still (Ongaro's thesis,
// section 6.2), and whether it must be so that nobody else does ("Using clocks to reduce messaging
// for read-only queries", section 6.4.1).
#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {
namespace {

using namespace std::chrono_literals;

// The longest election timeout: later than that the others have elected somebody, if they can.
constexpr Duration kQuorumTimeout = 300ms;
constexpr std::int64_t kMillion = 1'000'000;

}  // namespace

bool Server::AnsweredSince(Time since) const {
  NotWritten("Say whether a majority has answered something that was sent after this time (handout "
             "3F, step 3).");
}

bool Server::HasLostQuorum() const {
  NotWritten("Say whether no majority has answered for an election timeout (thesis, section 6.2; "
             "handout 3F, step 3).");
}

bool Server::HoldsLease() const {
  NotWritten(
      "Say whether nobody else can have been elected (thesis, section 6.4.1; handout 3F, bonus).");
}

}  // namespace quorum::raft
