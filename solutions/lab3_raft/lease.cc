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
  // [solution: Say whether a majority has answered something that was sent after this time (handout
  // 3F, step 3).]
  return IsQuorum(log_.configuration(), [&](NodeId server) {
    return server == config_.self() || followers_.at(server).confirmed > since;
  });
  // [end]
}

bool Server::HasLostQuorum() const {
  // [solution: Say whether no majority has answered for an election timeout (thesis, section 6.2;
  // handout 3F, step 3).]
  const Time since = env_.Now() - kQuorumTimeout;
  return led_since_ < since && !AnsweredSince(since);
  // [end]
}

bool Server::HoldsLease() const {
  // [solution: Say whether nobody else can have been elected (thesis, section 6.4.1; handout 3F,
  // bonus).]
  if (!lease_reads_ || told_to_stand_) return false;
  // Followers begin to count when they hear this leader, which is after it has sent. In the time
  // that it takes their clocks, which may be fast, to show the minimum election timeout, this one,
  // which may be slow, shows as little as this.
  const auto bound = static_cast<std::int64_t>(config_.clock_rate_bound_ppm());
  const Duration lease = kMinimumElectionTimeout * (kMillion - bound) / (kMillion + bound);
  return AnsweredSince(env_.Now() - lease);
  // [end]
}

}  // namespace quorum::raft
