#pragma once

#include <memory>
#include <set>

#include "common/env/env.h"
#include "labs/lab1_hash_ring/cache.h"
#include "labs/lab1_hash_ring/copier.h"
#include "labs/lab1_hash_ring/rings.h"

namespace quorum::hash_ring {

/// Which ring is in force for this node, and how it gets from one to the next (1D): it enters a new
/// ring durably, tells the other nodes, copies what it now has to hold, and forgets the old rings,
/// and the keys that it no longer holds, when all nodes of the new ring are complete.
class HandOver {
 public:
  /// `on_enter` is called after the node has entered a new epoch.
  HandOver(Env& env, const NodeConfig& config, absl::AnyInvocable<void()> on_enter);

  const Rings& rings() const { return *rings_; }
  Copier& copier() { return copier_; }

  /// Moves on to what follows from `other`, if anything does. An error: the disk did not take it.
  absl::Status Learn(const RingHistory& other);

  /// Serves kInstallRing and kEnterRing.
  void InstallRing(const InstallRingRequest& request, Responder<InstallRingResponse> responder);
  void EnterRing(const EnterRingRequest& request, Responder<EnterRingResponse> responder);

 private:
  absl::Status MoveTo(const RingHistory& history);
  absl::StatusOr<RingHistory> HistoryWith(const InstallRingRequest& request) const;
  bool InHandOver() const { return rings_->history().rings_size() > 1; }
  void Tick();
  void Tell(NodeId node);
  void FinishIfAllComplete();
  void AnswerInstallers();

  Env& env_;
  NodeId self_;
  absl::AnyInvocable<void()> on_enter_;
  std::unique_ptr<Rings> rings_;
  Copier copier_;
  // Who has entered the ring in force, and is complete in it, as far as this node has heard.
  std::set<NodeId> entered_;
  std::set<NodeId> complete_;
  std::vector<Responder<InstallRingResponse>> installers_;  // that asked for the ring in force
  Timer tick_;
};

}  // namespace quorum::hash_ring
