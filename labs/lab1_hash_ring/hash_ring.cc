#include "labs/lab1_hash_ring/hash_ring.h"

#include "common/env/not_written.h"

namespace quorum::hash_ring {
namespace {

class Ring final : public HashRing {
 public:
  explicit Ring(const RingOptions& options) : options_(options) {}

  absl::Status Add(std::string_view name, std::uint32_t weight) override {
    NotWritten("Check the arguments and add the member, then its points (handout 1A, steps 1, 2).");
  }

  absl::Status Remove(std::string_view name) override {
    NotWritten("Remove the member, and its points (handout 1A, steps 1 and 2).");
  }

  absl::StatusOr<std::string> Owner(std::string_view key) const override {
    NotWritten("Find the first point at or after the key, with wrap (handout 1A, step 3).");
  }

  std::vector<std::string> PreferenceList(std::string_view key, std::size_t n) const override {
    NotWritten("Walk clockwise and collect distinct nodes (handout 1A, step 5).");
  }

  std::vector<RingMember> Members() const override {
    NotWritten("List the members by name (handout 1A, step 1).");
  }

 private:
  RingOptions options_;
};

}  // namespace

std::unique_ptr<HashRing> MakeHashRing(const RingOptions& options) {
  return std::make_unique<Ring>(options);
}

}  // namespace quorum::hash_ring
