#include "labs/lab1_hash_ring/spreader.h"

#include <utility>

#include "common/env/not_written.h"
#include "labs/lab1_hash_ring/records.h"

namespace quorum::hash_ring {
namespace {

using namespace std::chrono_literals;

constexpr Duration kCallTimeout = 100ms;
constexpr Duration kShortestPause = 20ms;
constexpr Duration kLongestPause = 60ms;

}  // namespace

bool Spreader::IsEverywhere(const Record& record) const {
  NotWritten("Compare with what has arrived everywhere (handout 1C, step 5).");
}

void Spreader::Spread(const Record& record, std::uint64_t epoch, const std::vector<NodeId>& others,
                      Done done) {
  NotWritten("Note what is on its way, and send it to each of them (handout 1C, step 5).");
}

void Spreader::Send(std::uint64_t number, NodeId replica) {
  NotWritten("Call the replica; on an error try again after a pause (handout 1C, step 5).");
}

void Spreader::Arrived(std::uint64_t number, NodeId replica) {
  NotWritten("When the last one has answered, tell those who wait (handout 1C, step 5).");
}

void Spreader::GiveUp() {
  NotWritten("Forget everything, and tell those who wait (handout 1D, step 3).");
}

}  // namespace quorum::hash_ring
