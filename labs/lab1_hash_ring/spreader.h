#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/env/env.h"
#include "labs/lab1_hash_ring/cache.h"

namespace quorum::hash_ring {

/// Brings records from a primary to the other replicas of their keys, as often as it takes.
class Spreader {
 public:
  /// `learn` is told of a newer ring that some replica is in; it may call `GiveUp`.
  Spreader(Env& env, absl::AnyInvocable<void(const RingHistory&)> learn)
      : env_(env), learn_(std::move(learn)) {}

  /// Calls `done(true)` once all of `others` have answered, in this epoch, that they hold `record`
  /// or a newer record of its key; and `done(false)` when `GiveUp` is called before that.
  using Done = absl::AnyInvocable<void(bool everywhere)>;
  void Spread(const Record& record, std::uint64_t epoch, const std::vector<NodeId>& others,
              Done done);

  /// Forgets everything: the node has entered another epoch, so that what the replicas of the old
  /// one hold says nothing about those of the new one.
  void GiveUp();

 private:
  /// A record on its way.
  struct Journey {
    ReplicateRequest request;
    std::set<NodeId> missing;
    std::map<NodeId, Timer> pauses;  // of those that did not answer
    std::vector<Done> done;
  };

  void Send(std::uint64_t journey, NodeId replica);
  void Arrived(std::uint64_t journey, NodeId replica);
  bool IsEverywhere(const Record& record) const;

  Env& env_;
  absl::AnyInvocable<void(const RingHistory&)> learn_;
  std::uint64_t next_journey_ = 1;
  std::map<std::uint64_t, Journey> journeys_;
  std::map<std::string, Version> everywhere_;  // by key: what all replicas hold at least
};

}  // namespace quorum::hash_ring
