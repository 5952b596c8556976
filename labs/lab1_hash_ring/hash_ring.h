#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

/// Part 1A of lab 1: consistent hashing (Karger et al., STOC 1997; virtual nodes as in Dynamo, SOSP
/// 2007, section 4.2). This header is the assignment; hash_ring.cc is the file to write.
namespace quorum::hash_ring {

/// Where a text lies on a ring: an unsigned number, of which all 64 bits count.
using Hash = std::function<std::uint64_t(std::string_view text)>;

/// How a ring turns names and keys into positions.
enum class Scheme {
  /// A node of weight w has w * points_per_unit points; point i, counted from 0, lies at the hash
  /// of the label "name-i" (i in decimal). A key lies at the hash of the key.
  kHash,
  /// What memcached clients agree on (libketama; libmemcached's KETAMA_WEIGHTED with equal
  /// weights). A node has 160 points: for each label "name-i", i in 0..39, the MD5 digest read as
  /// four little-endian 32-bit numbers. A key lies at the first of those of the key's own digest.
  kKetama,
};

struct RingOptions {
  Scheme scheme = Scheme::kHash;
  /// kHash only: points of a node of weight 1; positive. More points balance the load better.
  std::uint32_t points_per_unit = 160;
  /// kHash only: the hash function. Empty stands for XXH3_64bits (xxhash.h).
  Hash hash = {};
};

/// No node has more points than this.
inline constexpr std::uint64_t kMaxPointsPerNode = 1'000'000;

/// One node of a ring.
struct RingMember {
  std::string name;
  std::uint32_t weight = 1;

  friend bool operator==(const RingMember&, const RingMember&) = default;
};

/// Maps keys to nodes, such that a change of the set of nodes moves few keys.
///
/// Positions form a circle: after the largest one comes 0 again. Each node has points on the
/// circle, which depend on its own name and weight alone. Walking *clockwise from a key* means:
/// visit all points in ascending order, starting with the first one at or after the key's position,
/// and go on from 0 behind the last one. Points of several nodes at one position are visited in
/// ascending order of the nodes' names. So where a key belongs follows from the set of members
/// alone, and not from the order in which they came.
class HashRing {
 public:
  virtual ~HashRing() = default;

  /// Adds a node. On an error the ring is as before:
  /// - INVALID_ARGUMENT: `name` is empty; `weight` is 0, or is not 1 in a kKetama ring; or the node
  ///   would have more than kMaxPointsPerNode points.
  /// - ALREADY_EXISTS: `name` is a member, of whatever weight. (To change a weight, remove the node
  ///   and add it again.) An invalid argument is reported first.
  virtual absl::Status Add(std::string_view name, std::uint32_t weight) = 0;

  /// Removes a node and its points. NOT_FOUND: `name` is not a member.
  virtual absl::Status Remove(std::string_view name) = 0;

  /// The node that a key belongs to: that of the first point met clockwise from the key. Any text
  /// is a key, also the empty one. FAILED_PRECONDITION: the ring has no members.
  virtual absl::StatusOr<std::string> Owner(std::string_view key) const = 0;

  /// The first `n` *distinct* nodes met clockwise from the key, in that order; the first one is its
  /// owner. All members when there are fewer than `n`, so none when the ring is empty.
  virtual std::vector<std::string> PreferenceList(std::string_view key, std::size_t n) const = 0;

  /// The members, in ascending order of their names.
  virtual std::vector<RingMember> Members() const = 0;
};

/// An empty ring.
std::unique_ptr<HashRing> MakeHashRing(const RingOptions& options);

/// The module's role "ring" is a part of this type: `MakeHashRing`.
using RingFactory = std::unique_ptr<HashRing> (*)(const RingOptions& options);
inline constexpr const char* kRingRole = "ring";
inline constexpr const char* kRingFactoryType = "RingFactory";

}  // namespace quorum::hash_ring
