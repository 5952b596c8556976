#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "grader/scenarios/hash_ring/bounded_model.h"
#include "grader/scenarios/hash_ring/played_ring.h"
#include "grader/scenarios/stage.h"
#include "labs/lab1_hash_ring/bounded_load.h"

namespace quorum::grader {

/// The implementation's bounded load, on a ring of the grader's, with what it ought to hold. Each
/// call is narrated, and must answer with the status code that the header defines, which is
/// returned; the checks compare what it says afterwards.
class PlayedBalancer {
 public:
  PlayedBalancer(Stage& stage, std::uint32_t percent, const std::vector<std::string>& nodes,
                 std::string name = "balancer");

  absl::StatusCode AddNode(std::string_view node, std::uint32_t weight = 1);
  absl::StatusCode RemoveNode(std::string_view node);
  absl::StatusCode Assign(std::string_view item);
  absl::StatusCode Release(std::string_view item);
  /// The operations "add" and "remove" (nodes), "assign" and "release" (items).
  absl::StatusCode Play(const faults::ClientOp& op);

  /// Every item is on a member, loads count the items, and none is above its node's capacity.
  void CheckBounds();
  /// Every item is where the placement rule puts it.
  void CheckRule();
  /// The moves that the last call reported lead from the placement before it to the one after it.
  /// Returns them.
  const hash_ring::BoundedLoad::Moves& CheckMoves();

  /// Where the implementation says that each item is; recorded.
  Placement Places();

  const RingModel& ring() const { return ring_; }
  const std::set<std::string>& items() const { return items_; }
  /// How many items are not on the first node of their walk.
  std::size_t ItemsElsewhere();

 private:
  using Answer = absl::StatusOr<hash_ring::BoundedLoad::Moves>;

  absl::StatusCode Played(const std::string& call, Answer theirs, absl::StatusCode ours);

  Stage& stage_;
  std::uint32_t percent_;
  std::string name_;
  RingModel ring_;
  std::set<std::string> items_;
  std::unique_ptr<hash_ring::BoundedLoad> balancer_;
  std::string last_call_;
  hash_ring::BoundedLoad::Moves last_moves_;
  Placement places_before_;  // as of the last CheckMoves
};

}  // namespace quorum::grader
