#include "grader/sim/heap_scale.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <new>
#include <string>

namespace quorum::sim {
namespace {

struct Thing {
  virtual ~Thing() = default;
};
struct LargerThing final : Thing {
  std::string text = std::string(1'000, 'x');
  char room[500] = {};
};

TEST(HeapScaleTest, WeighsWhatEndsWhileItLives) {
  auto before = std::make_unique<LargerThing>();
  std::unique_ptr<Thing> thing = std::make_unique<LargerThing>();
  auto after = std::make_unique<LargerThing>();
  std::size_t bytes = 0;
  before.reset();
  {
    const HeapScale scale(bytes);
    thing.reset();
  }
  after.reset();
  EXPECT_EQ(bytes, sizeof(LargerThing) + 1'001);
}

TEST(HeapScaleTest, WhatIsTakenMeanwhileCountsOnlyIfItEnds) {
  std::map<int, int> map;
  std::size_t bytes = 0;
  {
    const HeapScale scale(bytes);
    for (int key = 0; key < 100; ++key) map[key] = key;
    EXPECT_EQ(bytes, 0u);
    map.clear();
  }
  EXPECT_GE(bytes, 100 * (sizeof(std::pair<const int, int>) + 3 * sizeof(void*)));
}

TEST(HeapScaleDeathTest, ASanitizerStillComparesSizes) {
#ifndef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "Without AddressSanitizer nobody compares them.";
#endif
  EXPECT_DEATH(::operator delete (::operator new(100), std::size_t{50}),
               "new-delete-type-mismatch");
}

}  // namespace
}  // namespace quorum::sim
