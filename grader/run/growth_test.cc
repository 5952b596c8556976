#include "grader/run/growth.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>

namespace quorum::run {
namespace {

constexpr std::uint64_t kLeast = 100;

bool GoesOn(std::initializer_list<std::uint64_t> samples) {
  Growth growth(kLeast);
  growth.Begin(1000);
  for (const std::uint64_t bytes : samples) growth.Sample(bytes);
  return growth.GoesOn();
}

TEST(GrowthTest, OfALoopThatKeepsWhatItAsksFor) { EXPECT_TRUE(GoesOn({1100, 1200, 1300, 1400})); }

TEST(GrowthTest, OfAContainerThatMovesAtTimes) {
  EXPECT_TRUE(GoesOn({1100, 1300, 1200, 1600, 1400, 1400, 1400, 1400}));
}

TEST(GrowthTest, EndsWhenALoopTurnsInWhatItHas) {
  EXPECT_FALSE(GoesOn({}));
  EXPECT_FALSE(GoesOn({1000, 1000, 1000, 1000}));
  EXPECT_FALSE(GoesOn({5000, 5000, 5000, 5000}));
  EXPECT_FALSE(GoesOn({5000, 1000, 5000, 1000, 5000}));
}

TEST(GrowthTest, OfALittleMayBeNoFaultOfTheHandler) {
  EXPECT_FALSE(GoesOn({1020, 1040, 1060, 1080}));
}

TEST(GrowthTest, IsThatOfOneHandler) {
  Growth growth(kLeast);
  for (const std::uint64_t bytes : {100, 1000, 2000, 3000}) growth.Sample(bytes);
  EXPECT_TRUE(growth.GoesOn());
  growth.Begin(3000);
  growth.Sample(3000);
  EXPECT_FALSE(growth.GoesOn());
}

TEST(OwnSizeTest, RisesWithWhatIsTouched) {
  constexpr std::size_t kBytes = 64 << 20;
  const ProcessSize before = OwnSize();
  const auto touched = std::make_unique<char[]>(kBytes);
  const ProcessSize after = OwnSize();
  EXPECT_EQ(touched[kBytes - 1], 0);
  EXPECT_GT(before.resident, 0u);
  EXPECT_GE(before.mapped, before.resident);
  EXPECT_GE(after.resident, before.resident + kBytes / 2);
}

}  // namespace
}  // namespace quorum::run
