// A right solution of another shape: ordered maps, and nothing that is kept up to date by hand.
#include "labs/lab1_hash_ring/hash_ring.h"

#include <nettle/md5.h>
#include <xxhash.h>

#include <cstring>
#include <map>
#include <set>

namespace quorum::hash_ring {
namespace {

class PlainRing final : public HashRing {
 public:
  explicit PlainRing(RingOptions options) : options_(std::move(options)) {}

  absl::Status Add(std::string_view name, std::uint32_t weight) override {
    const bool ketama = options_.scheme == Scheme::kKetama;
    const std::uint64_t labels = ketama ? 40 : std::uint64_t{options_.points_per_unit} * weight;
    if (name.empty() || weight == 0 || (ketama && weight > 1) || labels > kMaxPointsPerNode) {
      return absl::InvalidArgumentError("This is no node for this ring.");
    }
    if (weights_.contains(name)) {
      return absl::AlreadyExistsError("This node is on the ring.");
    }
    weights_.emplace(name, weight);
    for (std::uint64_t i = 0; i < labels; ++i) {
      const std::string label = std::string(name) + '-' + std::to_string(i);
      if (ketama) {
        for (std::uint32_t position : Digest(label)) points_[position].emplace(name);
      } else {
        points_[HashOf(label)].emplace(name);
      }
    }
    return absl::OkStatus();
  }

  absl::Status Remove(std::string_view name) override {
    const auto found = weights_.find(name);
    if (found == weights_.end()) {
      return absl::NotFoundError("This node is not on the ring.");
    }
    for (auto point = points_.begin(); point != points_.end();) {
      point->second.erase(found->first);
      point = point->second.empty() ? points_.erase(point) : std::next(point);
    }
    weights_.erase(found);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Owner(std::string_view key) const override {
    std::vector<std::string> first = PreferenceList(key, 1);
    if (first.empty()) {
      return absl::FailedPreconditionError("There is no node.");
    }
    return first.front();
  }

  std::vector<std::string> PreferenceList(std::string_view key, std::size_t n) const override {
    std::vector<std::string> list;
    std::set<std::string> listed;
    auto point =
        points_.lower_bound(options_.scheme == Scheme::kKetama ? Digest(key).front() : HashOf(key));
    while (list.size() < n && list.size() < weights_.size()) {
      if (point == points_.end()) point = points_.begin();
      for (const std::string& node : point->second) {
        if (list.size() < n && listed.insert(node).second) list.push_back(node);
      }
      ++point;
    }
    return list;
  }

  std::vector<RingMember> Members() const override {
    std::vector<RingMember> members;
    for (const auto& [name, weight] : weights_) members.push_back({name, weight});
    return members;
  }

 private:
  std::uint64_t HashOf(std::string_view text) const {
    return options_.hash ? options_.hash(text) : XXH3_64bits(text.data(), text.size());
  }

  // On a little-endian machine a digest in memory is what ketama reads.
  static std::vector<std::uint32_t> Digest(std::string_view text) {
    md5_ctx context;
    md5_init(&context);
    md5_update(&context, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()));
    std::uint8_t digest[MD5_DIGEST_SIZE];
    md5_digest(&context, sizeof(digest), digest);
    std::vector<std::uint32_t> numbers(4);
    std::memcpy(numbers.data(), digest, sizeof(digest));
    return numbers;
  }

  RingOptions options_;
  std::map<std::string, std::uint32_t, std::less<>> weights_;
  std::map<std::uint64_t, std::set<std::string>> points_;  // the nodes at a position
};

}  // namespace

std::unique_ptr<HashRing> MakeHashRing(const RingOptions& options) {
  return std::make_unique<PlainRing>(options);
}

}  // namespace quorum::hash_ring
