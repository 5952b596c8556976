#pragma once

#include <string>
#include <vector>

#include "grader/check/invariant.h"
#include "grader/scenarios/lock_service/lock_room.h"
#include "labs/lab4_lock_service/recipes.h"

namespace quorum::grader::locks {

inline constexpr Statement kFenced = {
    "lock.store-is-fenced",
    "A store that has obeyed a leader never again obeys an earlier one, not even after a restart.",
    "Chubby, section 2.4; lab 4, part 4E"};

/// The node of the store that obeys whoever leads.
inline constexpr NodeId kStore = 301;

/// Judges what a store has made durable.
class FencedStoreObeys final : public Invariant {
 public:
  explicit FencedStoreObeys(sim::World& world);
  void OnDurable(NodeId node, const WriteBatch& batch) override;

 private:
  std::uint64_t highest_ = 0;
};

/// Boots the store and three candidates; returns these.
std::vector<NodeId> BootElection(LockRoom& room);

/// Asks candidates until the store has obeyed one, and returns who that is.
NodeId WriteByLeader(LockRoom& room, const std::vector<NodeId>& candidates,
                     const std::string& value, std::uint64_t& generation);

}  // namespace quorum::grader::locks
