#include "grader/run/perturb.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "grader/sim/rng.h"

namespace quorum::run {
namespace {

struct SizeClass {
  std::size_t up_to;  ///< bytes
  std::size_t holes;  ///< of each size
};
// Nodes of maps and small objects are many, large ones few.
constexpr SizeClass kClasses[] = {{256, 512}, {1024, 64}, {4096, 8}};

void Shuffle(std::vector<void*>& blocks, sim::Rng& random) {
  for (std::size_t i = blocks.size(); i > 1; --i) {
    std::swap(blocks[i - 1], blocks[random.Below(i)]);
  }
}

}  // namespace

HeapPerturbation::HeapPerturbation(std::uint64_t salt) {
  if (salt == 0) return;
  sim::Rng random(salt);
  std::vector<void*> holes;
  std::size_t size = 8;
  for (const SizeClass& some : kClasses) {
    for (; size < some.up_to; size += 16) {
      // Every other block stays: freed neighbours would melt into one large hole.
      for (std::size_t i = 0; i < some.holes; ++i) {
        holes.push_back(std::malloc(size));
        kept_.push_back(std::malloc(size));
      }
    }
  }
  Shuffle(holes, random);
  for (void* hole : holes) std::free(hole);
}

HeapPerturbation::~HeapPerturbation() {
  for (void* block : kept_) std::free(block);
}

}  // namespace quorum::run
