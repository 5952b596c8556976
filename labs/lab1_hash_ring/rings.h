#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/env/node_config.pb.h"
#include "common/env/time.h"
#include "labs/lab1_hash_ring/hash_ring.h"
#include "labs/lab1_hash_ring/hash_ring.pb.h"

namespace quorum::hash_ring {

/// A node's name on a ring, and back.
std::string NameOf(NodeId node);
NodeId NodeOf(const std::string& name);

/// The replicas of one key: a list for each ring of a history, oldest ring first. In each list the
/// primary comes first. Keys with the same lists form an *arc*: they are handed over alike.
using ReplicaLists = std::vector<std::vector<NodeId>>;

/// A ring history and what follows from it.
class Rings {
 public:
  /// `history` has at least one ring.
  explicit Rings(const RingHistory& history);

  const RingHistory& history() const { return history_; }
  /// The ring in force.
  const Ring& current() const { return history_.rings(history_.rings_size() - 1); }
  std::uint64_t epoch() const { return current().epoch(); }

  /// The replicas of `key` in the ring in force, primary first; empty when it has no members.
  std::vector<NodeId> Replicas(std::string_view key) const;
  /// The replicas of `key` in every ring of the history (1D).
  ReplicaLists Lists(std::string_view key) const;
  /// Every different result of `Lists` (1D).
  const std::vector<ReplicaLists>& Arcs() const { return arcs_; }
  /// Every node of every ring, in ascending order (1D).
  std::vector<NodeId> Nodes() const;

 private:
  std::vector<NodeId> ReplicasIn(int ring, std::string_view key) const;
  std::vector<ReplicaLists> FindArcs() const;

  RingHistory history_;
  std::vector<std::unique_ptr<HashRing>> rings_;  // one for each ring of the history
  std::vector<ReplicaLists> arcs_;
};

/// Whether `node` is in `list`.
bool Contains(const std::vector<NodeId>& list, NodeId node);

/// INVALID_ARGUMENT unless `ring` can be one.
absl::Status CheckSound(const Ring& ring);

/// The history that a node begins with: as the comment of CacheConfig says.
RingHistory InitialHistory(const NodeConfig& config);

/// What a node with the history `own` knows after it has heard `other` from another node (1D). The
/// result is `own` when nothing follows from `other`.
RingHistory Learn(const RingHistory& own, const RingHistory& other);

}  // namespace quorum::hash_ring
