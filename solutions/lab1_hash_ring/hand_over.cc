#include "labs/lab1_hash_ring/hand_over.h"

#include <algorithm>
#include <set>
#include <utility>

// [skeleton: #include "common/env/not_written.h"]
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
  // [solution: Write the history to the disk, then act on it (handout 1D, steps 3 and 7).]
  const RingHistory& own = rings_->history();
  const bool forgets = history.rings(0).epoch() > own.rings(0).epoch();
  const bool enters = history.rings(history.rings_size() - 1).epoch() > rings_->epoch();
  if (!forgets && !enters) return absl::OkStatus();
  auto rings = std::make_unique<Rings>(history);
  WriteBatch batch;
  batch.PutMessage(kRingsKey, history);
  if (forgets) {
    copier_.Forget(history, batch);
    ForEachRecord(env_.storage(), [&](const Record& record) {
      for (const std::vector<NodeId>& replicas : rings->Lists(record.key())) {
        if (Contains(replicas, self_)) return true;
      }
      batch.Delete(RecordKey(record.key()));
      return true;
    });
  }
  if (absl::Status written = env_.storage().Write(batch); !written.ok()) return written;
  rings_ = std::move(rings);
  copier_.Begin(*rings_);
  if (enters) {
    entered_ = {self_};
    complete_.clear();
    installers_.clear();  // they will ask again
    tick_ = env_.After(0ms, [this] { Tick(); });
    on_enter_();
  }
  return absl::OkStatus();
  // [end]
}

absl::StatusOr<RingHistory> HandOver::HistoryWith(const InstallRingRequest& request) const {
  // [solution: Check the ring and add it to the history (handout 1D, step 4).]
  RingHistory history = rings_->history();
  for (const Ring& known : history.rings()) {
    if (known.SerializeAsString() == request.ring().SerializeAsString()) return history;
  }
  std::vector<Ring> asked(request.unanswered().begin(), request.unanswered().end());
  asked.push_back(request.ring());
  for (const Ring& ring : asked) {
    const std::uint64_t last = history.rings(history.rings_size() - 1).epoch();
    if (absl::Status sound = CheckSound(ring); !sound.ok()) return sound;
    if (ring.epoch() <= last) continue;
    if (ring.previous_epoch() != last) {
      return absl::FailedPreconditionError("This node is in epoch " + std::to_string(last) +
                                           ", and not in the one that the ring replaces.");
    }
    *history.add_rings() = ring;
  }
  if (request.ring().epoch() <= rings_->epoch()) {
    return absl::AlreadyExistsError("There is another ring of this epoch, or of a later one.");
  }
  return history;
  // [end]
}

void HandOver::InstallRing(const InstallRingRequest& request,
                           Responder<InstallRingResponse> responder) {
  // [solution: Move to the new history; answer when enough nodes have (handout 1D, step 4).]
  const absl::StatusOr<RingHistory> history = HistoryWith(request);
  if (!history.ok()) return responder.Fail(history.status());
  if (absl::Status moved = MoveTo(*history); !moved.ok()) return responder.Fail(moved);
  installers_.push_back(std::move(responder));
  AnswerInstallers();
  // [end]
}

void HandOver::AnswerInstallers() {
  // [solution: Answer once as many nodes have entered as hold each key (handout 1D, step 4).]
  // As many as hold each key: what they know outlives the loss of all of them but one.
  const std::size_t enough =
      std::min<std::size_t>(rings_->current().replicas(), rings_->current().members_size());
  if (InHandOver() && entered_.size() < enough) return;
  for (Responder<InstallRingResponse>& installer : installers_) installer.Reply({});
  installers_.clear();
  // [end]
}

void HandOver::EnterRing(const EnterRingRequest& request, Responder<EnterRingResponse> responder) {
  // [solution: Learn, and say how far this node is (handout 1D, step 3).]
  if (absl::Status learnt = Learn(request.rings()); !learnt.ok()) return responder.Fail(learnt);
  EnterRingResponse response;
  response.set_epoch(rings_->epoch());
  response.set_complete(copier_.AllComplete());
  if (request.rings().SerializeAsString() != rings_->history().SerializeAsString()) {
    *response.mutable_newer() = rings_->history();
  }
  responder.Reply(response);
  // [end]
}

void HandOver::Tick() {
  // [solution]
  FinishIfAllComplete();
  std::vector<NodeId> others = rings_->Nodes();
  std::erase(others, self_);
  if (InHandOver()) {
    copier_.CopyWhatIsMissing();
    for (const NodeId node : others) {
      if (!complete_.contains(node)) Tell(node);
    }
  }
  // Somebody may be further than all those who have not answered yet.
  if (!others.empty()) Tell(others[env_.RandomBelow(others.size())]);
  tick_ = env_.After(InHandOver() ? kBusyTick : kIdleTick, [this] { Tick(); });
  // [end]
  // [skeleton: // Handout 1D, steps 3 and 6: tell others, copy, and come back after a while.]
}

void HandOver::Tell(NodeId node) {
  // [solution: Call kEnterRing, and note who has entered and who is complete (handout 1D, step 3).]
  EnterRingRequest request;
  *request.mutable_rings() = rings_->history();
  env_.Call(node, kEnterRing, request, kCallTimeout,
            [this, node](absl::StatusOr<EnterRingResponse> response) {
              if (!response.ok()) return;
              if (response->has_newer()) (void)Learn(response->newer());
              if (response->epoch() != rings_->epoch()) return;
              entered_.insert(node);
              AnswerInstallers();
              if (response->complete()) complete_.insert(node);
              FinishIfAllComplete();
            });
  // [end]
}

void HandOver::FinishIfAllComplete() {
  // [solution: When all members are complete, keep only the ring in force (handout 1D, step 7).]
  if (!InHandOver()) return;
  for (const Member& member : rings_->current().members()) {
    const bool complete =
        member.node() == self_ ? copier_.AllComplete() : complete_.contains(member.node());
    if (!complete) return;
  }
  RingHistory history;
  *history.add_rings() = rings_->current();
  (void)MoveTo(history);  // a full disk: the next tick tries again
  // [end]
}

}  // namespace quorum::hash_ring
