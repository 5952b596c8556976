#include "labs/lab1_hash_ring/hand_over.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab1_hash_ring/records.h"

namespace quorum::hash_ring {
namespace {

using namespace std::chrono_literals;

constexpr char kRingsKey[] = "rings";
constexpr Duration kCallTimeout = 100ms;
constexpr Duration kBusyTick = 20ms;   // while something is handed over
constexpr Duration kIdleTick = 200ms;  // otherwise: to hear of rings that nobody tells us of

std::uint32_t ChunkRecords(const NodeConfig& config) {
  CacheConfig own;
  return config.has_lab() && config.lab().UnpackTo(&own) ? own.chunk_records() : 0;
}

}  // namespace

HandOver::HandOver(Env& env, const NodeConfig& config, absl::AnyInvocable<void()> on_enter)
    : env_(env),
      self_(config.self()),
      on_enter_(std::move(on_enter)),
      rings_(std::make_unique<Rings>(
          GetMessage<RingHistory>(env.storage(), kRingsKey).value_or(InitialHistory(config)))),
      copier_(env, self_, ChunkRecords(config), [this](const RingHistory& newer) {
        (void)Learn(newer);  // a full disk: we shall hear of it again
      }) {
  entered_ = {self_};
  copier_.Begin(*rings_);
  Tick();
}

absl::Status HandOver::Learn(const RingHistory& other) {
  return MoveTo(hash_ring::Learn(rings_->history(), other));
}

absl::Status HandOver::MoveTo(const RingHistory& history) {
  NotWritten("Write the history to the disk, then act on it (handout 1D, steps 3 and 7).");
}

absl::StatusOr<RingHistory> HandOver::HistoryWith(const InstallRingRequest& request) const {
  NotWritten("Check the ring and add it to the history (handout 1D, step 4).");
}

void HandOver::InstallRing(const InstallRingRequest& request,
                           Responder<InstallRingResponse> responder) {
  NotWritten("Move to the new history; answer when enough nodes have (handout 1D, step 4).");
}

void HandOver::AnswerInstallers() {
  NotWritten("Answer once as many nodes have entered as hold each key (handout 1D, step 4).");
}

void HandOver::EnterRing(const EnterRingRequest& request, Responder<EnterRingResponse> responder) {
  NotWritten("Learn, and say how far this node is (handout 1D, step 3).");
}

void HandOver::Tick() {
  // Handout 1D, steps 3 and 6: tell others, copy, and come back after a while.
}

void HandOver::Tell(NodeId node) {
  NotWritten("Call kEnterRing, and note who has entered and who is complete (handout 1D, step 3).");
}

void HandOver::FinishIfAllComplete() {
  NotWritten("When all members are complete, keep only the ring in force (handout 1D, step 7).");
}

}  // namespace quorum::hash_ring
