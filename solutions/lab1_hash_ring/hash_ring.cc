#include "labs/lab1_hash_ring/hash_ring.h"

// [skeleton: #include "common/env/not_written.h"]
// [solution]
#include <nettle/md5.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <utility>
// [end]

namespace quorum::hash_ring {
namespace {

// [solution]
constexpr std::uint32_t kKetamaLabels = 40;  // of four points each

using Md5Digest = std::array<std::uint8_t, MD5_DIGEST_SIZE>;

Md5Digest Md5(std::string_view text) {
  md5_ctx context;
  md5_init(&context);
  md5_update(&context, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()));
  Md5Digest digest;
  md5_digest(&context, digest.size(), digest.data());
  return digest;
}

// One of the four little-endian numbers of a digest, as a position. Ketama's circle has 2^32
// positions and ours 2^64: the upper half keeps their order, and spreads them over our circle.
std::uint64_t KetamaPosition(const Md5Digest& digest, int which) {
  std::uint64_t value = 0;
  for (int byte = 3; byte >= 0; --byte) {
    value = value << 8 | digest[4 * which + byte];
  }
  return value << 32;
}

std::string Label(std::string_view name, std::uint64_t i) {
  return std::string(name) + "-" + std::to_string(i);
}

// [end]
class Ring final : public HashRing {
 public:
  explicit Ring(const RingOptions& options) : options_(options) {
    // [solution]
    if (!options_.hash) {
      options_.hash = [](std::string_view text) { return XXH3_64bits(text.data(), text.size()); };
    }
    IndexPoints();
    // [end]
  }

  absl::Status Add(std::string_view name, std::uint32_t weight) override {
    // [solution: Check the arguments and add the member, then its points (handout 1A, steps 1, 2).]
    if (name.empty()) {
      return absl::InvalidArgumentError("A node needs a name.");
    }
    if (weight == 0) {
      return absl::InvalidArgumentError("A node's weight is at least 1.");
    }
    if (options_.scheme == Scheme::kKetama && weight != 1) {
      return absl::InvalidArgumentError("All nodes of a ketama ring have weight 1.");
    }
    if (options_.scheme == Scheme::kHash && PointCount(weight) > kMaxPointsPerNode) {
      return absl::InvalidArgumentError("A node of this weight would have too many points.");
    }
    const auto [member, added] = members_.emplace(name, weight);
    if (!added) {
      return absl::AlreadyExistsError("A node of this name is on the ring.");
    }
    const auto old_size = static_cast<std::ptrdiff_t>(points_.size());
    for (std::uint64_t position : PositionsOf(name, weight)) {
      points_.push_back({position, &member->first});
    }
    std::sort(points_.begin() + old_size, points_.end());
    std::inplace_merge(points_.begin(), points_.begin() + old_size, points_.end());
    IndexPoints();
    return absl::OkStatus();
    // [end]
  }

  absl::Status Remove(std::string_view name) override {
    // [solution: Remove the member, and its points (handout 1A, steps 1 and 2).]
    const auto member = members_.find(name);
    if (member == members_.end()) {
      return absl::NotFoundError("No node of this name is on the ring.");
    }
    std::erase_if(points_, [&](const Point& point) { return point.node == &member->first; });
    members_.erase(member);
    IndexPoints();
    return absl::OkStatus();
    // [end]
  }

  absl::StatusOr<std::string> Owner(std::string_view key) const override {
    // [solution: Find the first point at or after the key, with wrap (handout 1A, step 3).]
    if (points_.empty()) {
      return absl::FailedPreconditionError("The ring has no members.");
    }
    return *points_[FirstPointFor(key)].node;
    // [end]
  }

  std::vector<std::string> PreferenceList(std::string_view key, std::size_t n) const override {
    // [solution: Walk clockwise and collect distinct nodes (handout 1A, step 5).]
    std::vector<std::string> nodes;
    const std::size_t wanted = std::min(n, members_.size());
    for (std::size_t i = FirstPointFor(key); nodes.size() < wanted; i = (i + 1) % points_.size()) {
      if (std::find(nodes.begin(), nodes.end(), *points_[i].node) == nodes.end()) {
        nodes.push_back(*points_[i].node);
      }
    }
    return nodes;
    // [end]
  }

  std::vector<RingMember> Members() const override {
    // [solution: List the members by name (handout 1A, step 1).]
    std::vector<RingMember> members;
    for (const auto& [name, weight] : members_) {
      members.push_back({name, weight});
    }
    return members;
    // [end]
  }

 private:
  // [solution]
  struct Point {
    std::uint64_t position;
    const std::string* node;  // a key of members_

    // Clockwise. Of points that collide, the smaller name comes first, however they came here.
    friend bool operator<(const Point& a, const Point& b) {
      return a.position != b.position ? a.position < b.position : *a.node < *b.node;
    }
  };

  std::uint64_t PointCount(std::uint32_t weight) const {
    return std::uint64_t{weight} * options_.points_per_unit;
  }

  std::vector<std::uint64_t> PositionsOf(std::string_view name, std::uint32_t weight) const {
    std::vector<std::uint64_t> positions;
    if (options_.scheme == Scheme::kKetama) {
      for (std::uint32_t i = 0; i < kKetamaLabels; ++i) {
        const Md5Digest digest = Md5(Label(name, i));
        for (int which = 0; which < 4; ++which) {
          positions.push_back(KetamaPosition(digest, which));
        }
      }
      return positions;
    }
    for (std::uint64_t i = 0; i < PointCount(weight); ++i) {
      positions.push_back(options_.hash(Label(name, i)));
    }
    return positions;
  }

  std::uint64_t PositionOf(std::string_view key) const {
    return options_.scheme == Scheme::kKetama ? KetamaPosition(Md5(key), 0) : options_.hash(key);
  }

  // Cuts the circle into about as many equal arcs as there are points, and notes where in points_
  // each arc begins. A good hash leaves about one point an arc, so that a lookup goes to its place
  // at once instead of halving its way there.
  void IndexPoints() {
    const int bits = std::max(1, static_cast<int>(std::bit_width(points_.size())));
    arc_shift_ = 64 - bits;
    arc_begin_.assign((std::size_t{1} << bits) + 1, points_.size());
    for (std::size_t i = points_.size(); i-- > 0;) {
      arc_begin_[points_[i].position >> arc_shift_] = i;
    }
    for (std::size_t arc = arc_begin_.size() - 1; arc-- > 0;) {
      arc_begin_[arc] = std::min(arc_begin_[arc], arc_begin_[arc + 1]);
    }
  }

  // The index of the first point at or after the key's position, with wrap.
  std::size_t FirstPointFor(std::string_view key) const {
    const std::uint64_t position = PositionOf(key);
    const std::size_t arc = position >> arc_shift_;
    const auto found = std::lower_bound(
        points_.begin() + arc_begin_[arc], points_.begin() + arc_begin_[arc + 1], position,
        [](const Point& point, std::uint64_t at) { return point.position < at; });
    return found == points_.end() ? 0 : static_cast<std::size_t>(found - points_.begin());
  }

  // [end]
  RingOptions options_;
  // [solution]
  std::map<std::string, std::uint32_t, std::less<>> members_;  // weights by name
  std::vector<Point> points_;                                  // sorted
  std::vector<std::uint32_t> arc_begin_;  // by arc, and one more; see IndexPoints
  int arc_shift_ = 0;                     // an arc's number is what stays of a position
  // [end]
};

}  // namespace

std::unique_ptr<HashRing> MakeHashRing(const RingOptions& options) {
  return std::make_unique<Ring>(options);
}

}  // namespace quorum::hash_ring
