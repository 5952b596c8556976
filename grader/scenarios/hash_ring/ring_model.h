#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "labs/lab1_hash_ring/hash_ring.h"

namespace quorum::grader {

/// A hash ring written for plainness: what the ring under test is compared with, and the ring that
/// a bounded load is graded on. It says more than a `HashRing` about why a key is where it is.
class RingModel final : public hash_ring::HashRing {
 public:
  /// A position, and the node that has a point there.
  using Point = std::pair<std::uint64_t, std::string>;

  explicit RingModel(hash_ring::RingOptions options);

  absl::Status Add(std::string_view name, std::uint32_t weight) override;
  absl::Status Remove(std::string_view name) override;
  absl::StatusOr<std::string> Owner(std::string_view key) const override;
  std::vector<std::string> PreferenceList(std::string_view key, std::size_t n) const override;
  std::vector<hash_ring::RingMember> Members() const override;

  bool Has(std::string_view name) const { return weights_.contains(name); }
  std::size_t size() const { return weights_.size(); }
  std::uint64_t PositionOf(std::string_view key) const;
  /// The first point met clockwise from a position. The ring is not empty.
  const Point& FirstPoint(std::uint64_t position) const;
  /// Whether points of several nodes lie at one position.
  bool HasCollisions() const;
  /// Whether the walk from a key meets some node twice before it has met `n` nodes.
  bool MeetsANodeTwice(std::string_view key, std::size_t n) const;

 private:
  std::vector<std::uint64_t> PositionsOf(std::string_view name, std::uint32_t weight) const;
  /// Visits points clockwise until `visit` answers false.
  template <class Visit>
  void WalkFrom(std::uint64_t position, Visit visit) const;

  hash_ring::RingOptions options_;
  std::map<std::string, std::uint32_t, std::less<>> weights_;
  std::set<Point> points_;
};

}  // namespace quorum::grader
