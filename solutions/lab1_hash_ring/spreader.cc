#include "labs/lab1_hash_ring/spreader.h"

#include <utility>

// [skeleton: #include "common/env/not_written.h"]
#include "labs/lab1_hash_ring/records.h"

namespace quorum::hash_ring {
namespace {

using namespace std::chrono_literals;

constexpr Duration kCallTimeout = 100ms;
constexpr Duration kShortestPause = 20ms;
constexpr Duration kLongestPause = 60ms;

}  // namespace

bool Spreader::IsEverywhere(const Record& record) const {
  // [solution: Compare with what has arrived everywhere (handout 1C, step 5).]
  const auto known = everywhere_.find(record.key());
  return known != everywhere_.end() && !Newer(record.version(), known->second);
  // [end]
}

void Spreader::Spread(const Record& record, std::uint64_t epoch, const std::vector<NodeId>& others,
                      Done done) {
  // [solution: Note what is on its way, and send it to each of them (handout 1C, step 5).]
  if (others.empty() || IsEverywhere(record)) return done(true);
  for (auto& [number, journey] : journeys_) {
    const Record& under_way = journey.request.record();
    if (under_way.key() == record.key() && !Newer(record.version(), under_way.version())) {
      return journey.done.push_back(std::move(done));
    }
  }
  const std::uint64_t number = next_journey_++;
  Journey& journey = journeys_[number];
  journey.request.set_epoch(epoch);
  *journey.request.mutable_record() = record;
  journey.missing = {others.begin(), others.end()};
  journey.done.push_back(std::move(done));
  for (const NodeId replica : others) Send(number, replica);
  // [end]
}

void Spreader::Send(std::uint64_t number, NodeId replica) {
  // [solution: Call the replica; on an error try again after a pause (handout 1C, step 5).]
  const Journey& journey = journeys_.at(number);
  env_.Call(replica, kReplicate, journey.request, kCallTimeout,
            [this, number, replica](absl::StatusOr<ReplicateResponse> response) {
              if (!journeys_.contains(number)) return;
              if (response.ok() && !response->has_newer()) return Arrived(number, replica);
              if (response.ok()) learn_(response->newer());
              const auto still = journeys_.find(number);
              if (still == journeys_.end()) return;
              still->second.pauses[replica] =
                  env_.After(env_.RandomBetween(kShortestPause, kLongestPause),
                             [this, number, replica] { Send(number, replica); });
            });
  // [end]
}

void Spreader::Arrived(std::uint64_t number, NodeId replica) {
  // [solution: When the last one has answered, tell those who wait (handout 1C, step 5).]
  Journey& journey = journeys_.at(number);
  journey.missing.erase(replica);
  if (!journey.missing.empty()) return;
  const Record& record = journey.request.record();
  if (!IsEverywhere(record)) everywhere_[record.key()] = record.version();
  std::vector<Done> waiting = std::move(journey.done);
  journeys_.erase(number);
  for (Done& done : waiting) done(true);
  // [end]
}

void Spreader::GiveUp() {
  // [solution: Forget everything, and tell those who wait (handout 1D, step 3).]
  everywhere_.clear();
  std::map<std::uint64_t, Journey> ended = std::exchange(journeys_, {});
  for (auto& [number, journey] : ended) {
    for (Done& done : journey.done) done(false);
  }
  // [end]
}

}  // namespace quorum::hash_ring
