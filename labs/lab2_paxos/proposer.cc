#include "labs/lab2_paxos/proposer.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

// A ballot is given up when nothing has come of it for this long, which grows with each attempt:
// the network may be slower than anyone thought.
constexpr Duration kPatience = 100ms;
// A pause before another ballot: random, and from a range that doubles, so that of two proposers
// that keep spoiling each other's ballots one will have the time to finish (section 2.4).
constexpr Duration kShortestPause = 10ms;
constexpr int kMostDoublings = 7;

}  // namespace

Proposer::Proposer(Env& env, const NodeConfig& config, Acceptor& acceptor,
                   std::function<void(const std::string&)> decided)
    : env_(env), config_(config), acceptor_(acceptor), decided_(std::move(decided)) {}

void Proposer::Propose(const std::string& value) {
  NotWritten("Remember the value and begin a first ballot (handout 2A, step 4).");
}

void Proposer::Stop() {
  phase_ = Phase::kStopped;
  retry_.Cancel();
}

void Proposer::BeginBallot() {
  NotWritten("Promise yourself a higher ballot, and ask the others (handout 2A, step 4).");
}

void Proposer::OnPromise(NodeId from, const PrepareResponse& response) {
  NotWritten("Collect promises until a quorum has answered (handout 2A, step 5).");
}

void Proposer::BeginAccepting() {
  NotWritten("Choose the value that the promises allow, and propose it (handout 2A, step 5).");
}

void Proposer::OnAccepted(NodeId from, const AcceptResponse& response) {
  NotWritten("Count who has accepted; a quorum decides (handout 2A, step 6).");
}

void Proposer::OnRefused(const Ballot& promised) {
  NotWritten("Someone has promised a higher ballot: give this one up (handout 2A, step 7).");
}

void Proposer::TryAgainLater() {
  NotWritten(
      "Pause, at random and longer each time, then begin a higher ballot (handout 2A, step 7).");
}

}  // namespace quorum::paxos
