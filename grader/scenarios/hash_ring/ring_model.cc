#include "grader/scenarios/hash_ring/ring_model.h"

#include <nettle/md5.h>
#include <xxhash.h>

#include <algorithm>

namespace quorum::grader {

using hash_ring::RingMember;
using hash_ring::Scheme;

namespace {

/// The four little-endian numbers of an MD5 digest.
std::vector<std::uint64_t> Md5Numbers(std::string_view text) {
  std::uint8_t digest[MD5_DIGEST_SIZE];
  md5_ctx context;
  md5_init(&context);
  md5_update(&context, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()));
  md5_digest(&context, sizeof digest, digest);
  std::vector<std::uint64_t> numbers(4);
  for (std::size_t i = 0; i < sizeof digest; ++i) {
    numbers[i / 4] |= std::uint64_t{digest[i]} << (8 * (i % 4));
  }
  return numbers;
}

}  // namespace

RingModel::RingModel(hash_ring::RingOptions options) : options_(std::move(options)) {
  if (!options_.hash) {
    options_.hash = [](std::string_view text) { return XXH3_64bits(text.data(), text.size()); };
  }
}

std::uint64_t RingModel::PositionOf(std::string_view key) const {
  return options_.scheme == Scheme::kKetama ? Md5Numbers(key).front() : options_.hash(key);
}

std::vector<std::uint64_t> RingModel::PositionsOf(std::string_view name,
                                                  std::uint32_t weight) const {
  const bool ketama = options_.scheme == Scheme::kKetama;
  const std::uint64_t labels = ketama ? 40 : std::uint64_t{weight} * options_.points_per_unit;
  std::vector<std::uint64_t> positions;
  for (std::uint64_t i = 0; i < labels; ++i) {
    const std::string label = std::string(name) + "-" + std::to_string(i);
    if (ketama) {
      std::ranges::copy(Md5Numbers(label), std::back_inserter(positions));
    } else {
      positions.push_back(options_.hash(label));
    }
  }
  return positions;
}

absl::Status RingModel::Add(std::string_view name, std::uint32_t weight) {
  const bool ketama = options_.scheme == Scheme::kKetama;
  if (name.empty() || weight == 0 || (ketama && weight != 1)) {
    return absl::InvalidArgumentError("no name, or no good weight");
  }
  if (!ketama && std::uint64_t{weight} * options_.points_per_unit > hash_ring::kMaxPointsPerNode) {
    return absl::InvalidArgumentError("too many points");
  }
  if (!weights_.emplace(name, weight).second) {
    return absl::AlreadyExistsError("a member already");
  }
  for (std::uint64_t position : PositionsOf(name, weight)) {
    points_.emplace(position, name);
  }
  return absl::OkStatus();
}

absl::Status RingModel::Remove(std::string_view name) {
  const auto found = weights_.find(name);
  if (found == weights_.end()) {
    return absl::NotFoundError("not a member");
  }
  weights_.erase(found);
  std::erase_if(points_, [&](const Point& point) { return point.second == name; });
  return absl::OkStatus();
}

const RingModel::Point& RingModel::FirstPoint(std::uint64_t position) const {
  const auto found = points_.lower_bound(Point(position, ""));
  return found == points_.end() ? *points_.begin() : *found;
}

absl::StatusOr<std::string> RingModel::Owner(std::string_view key) const {
  if (points_.empty()) {
    return absl::FailedPreconditionError("no members");
  }
  return FirstPoint(PositionOf(key)).second;
}

template <class Visit>
void RingModel::WalkFrom(std::uint64_t position, Visit visit) const {
  const auto start = points_.lower_bound(Point(position, ""));
  for (auto point = start; point != points_.end(); ++point) {
    if (!visit(*point)) return;
  }
  for (auto point = points_.begin(); point != start; ++point) {
    if (!visit(*point)) return;
  }
}

std::vector<std::string> RingModel::PreferenceList(std::string_view key, std::size_t n) const {
  std::vector<std::string> nodes;
  if (n == 0) return nodes;
  WalkFrom(PositionOf(key), [&](const Point& point) {
    if (std::ranges::find(nodes, point.second) == nodes.end()) nodes.push_back(point.second);
    return nodes.size() < std::min(n, weights_.size());
  });
  return nodes;
}

bool RingModel::MeetsANodeTwice(std::string_view key, std::size_t n) const {
  std::set<std::string_view> met;
  bool twice = false;
  WalkFrom(PositionOf(key), [&](const Point& point) {
    twice = met.size() < n && !met.insert(point.second).second;
    return met.size() < n && !twice;
  });
  return twice;
}

bool RingModel::HasCollisions() const {
  return std::ranges::adjacent_find(points_, {}, &Point::first) != points_.end();
}

std::vector<RingMember> RingModel::Members() const {
  std::vector<RingMember> members;
  for (const auto& [name, weight] : weights_) {
    members.push_back({name, weight});
  }
  return members;
}

}  // namespace quorum::grader
