#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "labs/lab1_hash_ring/hash_ring.h"

/// Part 1B of lab 1: consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam, SODA
/// 2018, arXiv 1608.01350). This header is the assignment; bounded_load.cc is the file to write.
namespace quorum::hash_ring {

/// An item that is not where it was before. Empty names stand for "nowhere": `from` of an item that
/// has just been assigned, `to` of one that has just been released.
struct Move {
  std::string item;
  std::string from;
  std::string to;

  friend bool operator==(const Move&, const Move&) = default;
};

/// Places items (requests, sessions, jobs) on the nodes of a ring such that no node gets more than
/// c times its share, for a chosen c >= 1.
///
/// With m items placed and members of total weight W, a node of weight w has the *capacity*
///
///     ceil(c * m * w / W),   which is ceil(c * m / n) for n members of equal weight.
///
/// m counts the item that is being assigned, and no longer the one that is being released. The
/// capacities add up to at least m, so there is always a place for every item.
///
/// *The placement rule.* Imagine all nodes empty, and let the items come in ascending order of
/// their names. Each walks clockwise from its own position on the ring (its name is the key), past
/// nodes that are filled to their capacity, and stays at the first one that is not. That is the
/// placement: it follows from the set of members, the set of items and c alone. So after any call,
/// items move exactly as the rule demands: an assignment may push a later item out of a full node,
/// and an item that walked past a node returns when it has room again. How the new placement is
/// computed is the implementation's choice.
class BoundedLoad {
 public:
  virtual ~BoundedLoad() = default;

  /// What a change did to the items: every item whose node changed, in ascending order of the
  /// items' names, each once.
  using Moves = std::vector<Move>;

  /// Adds a node to the ring. Errors are those of `HashRing::Add`, and change nothing.
  virtual absl::StatusOr<Moves> AddNode(std::string_view name, std::uint32_t weight) = 0;

  /// Removes a node from the ring; its items move on. NOT_FOUND: it is not a member.
  /// FAILED_PRECONDITION: it is the last member and still has items. Errors change nothing.
  virtual absl::StatusOr<Moves> RemoveNode(std::string_view name) = 0;

  /// Places a new item. INVALID_ARGUMENT: `item` is empty. ALREADY_EXISTS: it is placed already.
  /// FAILED_PRECONDITION: the ring has no members. Errors change nothing; the first one that holds,
  /// in this order, is reported.
  virtual absl::StatusOr<Moves> Assign(std::string_view item) = 0;

  /// Takes an item away from the node that it is on. NOT_FOUND: it is not placed.
  virtual absl::StatusOr<Moves> Release(std::string_view item) = 0;

  /// The node that an item is on. NOT_FOUND: it is not placed.
  virtual absl::StatusOr<std::string> NodeOf(std::string_view item) const = 0;

  /// How many items are on a node. NOT_FOUND: it is not a member.
  virtual absl::StatusOr<std::uint64_t> Load(std::string_view node) const = 0;

  /// How many items a node may have now. NOT_FOUND: it is not a member.
  virtual absl::StatusOr<std::uint64_t> Capacity(std::string_view node) const = 0;
};

/// No items yet, on the nodes that `ring` has. `capacity_percent` is 100 * c, at least 100: with
/// 125 no node gets more than 1.25 times its share, rounded up. The ring is anyone's `HashRing`:
/// the grader passes its own, so this part does not depend on part 1A.
std::unique_ptr<BoundedLoad> MakeBoundedLoad(std::unique_ptr<HashRing> ring,
                                             std::uint32_t capacity_percent);

/// The module's role "bounded_load" is a part of this type: `MakeBoundedLoad`.
using BoundedLoadFactory = std::unique_ptr<BoundedLoad> (*)(std::unique_ptr<HashRing> ring,
                                                            std::uint32_t capacity_percent);
inline constexpr const char* kBoundedLoadRole = "bounded_load";
inline constexpr const char* kBoundedLoadFactoryType = "BoundedLoadFactory";

}  // namespace quorum::hash_ring
