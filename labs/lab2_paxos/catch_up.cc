#include "labs/lab2_paxos/catch_up.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

constexpr Duration kCallTimeout = 200ms;
constexpr Duration kPause = 20ms;
constexpr int kMostEntries = 64;
constexpr std::size_t kMostBytes = 64 << 10;
constexpr std::size_t kChunk = 16 << 10;

}  // namespace

CatchUp::CatchUp(Env& env, const NodeConfig& config, LogStore& store,
                 std::function<void()> progressed)
    : env_(env), config_(config), store_(store), progressed_(std::move(progressed)) {}

void CatchUp::Want(LogIndex index, NodeId from) {
  NotWritten("Begin to fetch, unless that is under way (handout 2D, step 1).");
}

void CatchUp::Fetch() {
  NotWritten(
      "Ask for what comes next: entries, or a piece of a snapshot (handout 2D, steps 1 and 3).");
}

void CatchUp::OnFetched(const FetchResponse& response) {
  NotWritten("Keep what has come, and go on (handout 2D, steps 1 and 3).");
}

bool CatchUp::Receive(const SnapshotChunk& chunk) {
  NotWritten(
      "Put the pieces of one snapshot together, and never pieces of two (handout 2D, step 3).");
}

void CatchUp::AskAnother() {
  NotWritten("Turn to the next node after a pause (handout 2D, step 1).");
}

FetchResponse CatchUp::Answer(const FetchRequest& request) const {
  NotWritten("Send decided entries, or a piece of the snapshot (handout 2D, steps 1 and 3).");
}

}  // namespace quorum::paxos
