#include "labs/lab2_paxos/learner.h"

#include <utility>

#include "common/env/not_written.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

constexpr Duration kCallTimeout = 100ms;
constexpr Duration kShortestPause = 50ms;
constexpr Duration kLongestPause = 200ms;

}  // namespace

Learner::Learner(Env& env, const NodeConfig& config,
                 std::function<void(const std::string&)> learned)
    : env_(env), config_(config), learned_(std::move(learned)) {
  // Handout 2B, step 2: read what an earlier boot has learned, and go on telling it.
}

absl::Status Learner::Learn(const std::string& value) {
  NotWritten("Keep the decision durably, and tell clients and nodes (handout 2A, step 6).");
}

void Learner::TellEveryone() {
  NotWritten("Tell each other node until it has answered (handout 2A, step 6).");
}

void Learner::Tell(NodeId peer) {
  NotWritten("Call Learn, and again after a pause if it fails (handout 2A, step 6).");
}

}  // namespace quorum::paxos
