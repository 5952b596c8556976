#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/env/env.h"
#include "labs/lab1_hash_ring/cache.h"
#include "labs/lab1_hash_ring/rings.h"

namespace quorum::hash_ring {

/// Copies what a node has to hold from the nodes that held it before (1D), and knows which keys are
/// complete: of which of them this node has every acknowledged write.
///
/// A node x is complete for a key in the ring at place j of the history when x is one of the key's
/// replicas there and
/// - j is 0: the hand-over into the first ring of a history is over; or
/// - x was complete for the key in the ring at j - 1; or
/// - x has copied the key from a replica of the ring at j - 1 that was complete there, and had
///   entered the ring at j or a later one, so that nothing was acknowledged behind its back.
class Copier {
 public:
  /// `learn` is told of a newer ring that some node is in; it may call `Begin`.
  Copier(Env& env, NodeId self, std::uint32_t chunk_records,
         absl::AnyInvocable<void(const RingHistory&)> learn);

  /// Works from now on for this history; `rings` lives until the next `Begin`.
  void Begin(const Rings& rings);

  /// Whether this node is complete for `key` in the ring in force.
  bool Complete(std::string_view key) const;
  /// Whether it is complete for all keys of which it is a replica in the ring in force.
  bool AllComplete() const;
  /// Sees to it that whatever is missing is being copied; called now and then.
  void CopyWhatIsMissing();
  /// 1E: gets one key ahead of the others, and calls `done` with whether it is complete now.
  void Fetch(const std::string& key, absl::AnyInvocable<void(bool complete)> done);

  /// Adds to `batch` the deletion of all notes about hand-overs that are not in `history`.
  void Forget(const RingHistory& history, WriteBatch& batch) const;

  /// Serves kCopyArcs.
  void CopyArcs(const CopyArcsRequest& request, Responder<CopyArcsResponse> responder);

 private:
  /// One hand-over, by the epoch of the new ring, and a node to copy from.
  using Source = std::pair<std::uint64_t, NodeId>;

  /// Where a disk notes that this source has been copied from.
  static std::string CopiedKey(const Source& source);
  bool CompleteAt(const ReplicaLists& lists, std::size_t place) const;
  std::size_t PlaceOf(std::uint64_t epoch) const;
  void Ask(const Source& source, const std::optional<std::string>& after_key);
  void Take(const Source& source, const CopyArcsResponse& response);
  CopyArcsRequest RequestTo(const Source& source) const;

  Env& env_;
  NodeId self_;
  std::uint32_t chunk_records_;
  absl::AnyInvocable<void(const RingHistory&)> learn_;
  const Rings* rings_ = nullptr;
  std::set<Source> copied_;                                  // as the disk has it
  std::set<Source> asked_;                                   // whose answer is awaited
  std::set<std::pair<std::uint64_t, std::string>> fetched_;  // 1E: single keys, by hand-over
};

}  // namespace quorum::hash_ring
