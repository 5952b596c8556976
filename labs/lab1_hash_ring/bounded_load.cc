#include "labs/lab1_hash_ring/bounded_load.h"

#include "common/env/not_written.h"

namespace quorum::hash_ring {
namespace {

class Balancer final : public BoundedLoad {
 public:
  Balancer(std::unique_ptr<HashRing> ring, std::uint32_t capacity_percent)
      : ring_(std::move(ring)), capacity_percent_(capacity_percent) {}

  absl::StatusOr<Moves> AddNode(std::string_view name, std::uint32_t weight) override {
    NotWritten("Add the node to the ring and place all items anew (handout 1B, step 4).");
  }

  absl::StatusOr<Moves> RemoveNode(std::string_view name) override {
    NotWritten("Remove the node from the ring and place all items anew (handout 1B, step 4).");
  }

  absl::StatusOr<Moves> Assign(std::string_view item) override {
    NotWritten("Place a new item; it may push others on (handout 1B, steps 2 and 3).");
  }

  absl::StatusOr<Moves> Release(std::string_view item) override {
    NotWritten("Take the item away; others may return (handout 1B, steps 2 and 3).");
  }

  absl::StatusOr<std::string> NodeOf(std::string_view item) const override {
    NotWritten("Say where the item is (handout 1B, step 2).");
  }

  absl::StatusOr<std::uint64_t> Load(std::string_view node) const override {
    NotWritten("Count the items of the node (handout 1B, step 2).");
  }

  absl::StatusOr<std::uint64_t> Capacity(std::string_view node) const override {
    NotWritten("Round c * m * w / W up, in integers (handout 1B, step 1).");
  }

 private:
  std::unique_ptr<HashRing> ring_;
  std::uint64_t capacity_percent_;
};

}  // namespace

std::unique_ptr<BoundedLoad> MakeBoundedLoad(std::unique_ptr<HashRing> ring,
                                             std::uint32_t capacity_percent) {
  return std::make_unique<Balancer>(std::move(ring), capacity_percent);
}

}  // namespace quorum::hash_ring
