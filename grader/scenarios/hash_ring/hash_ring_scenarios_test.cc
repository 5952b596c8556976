#include "grader/scenarios/hash_ring/hash_ring_scenarios.h"

#include <gtest/gtest.h>

#include "common/node/module_loader.h"
#include "grader/scenarios/hash_ring/played_ring.h"
#include "grader/scenarios/hash_ring/playing.h"

namespace quorum::grader {

void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

namespace {

const ModuleTable& Load(const char* path) {
  const auto table = LoadModule(path);
  EXPECT_TRUE(table.ok()) << table.status();
  return **table;
}

class HashRingScenarioTest : public testing::TestWithParam<Scenario> {};

TEST_P(HashRingScenarioTest, TheReferencePassesAndMeetsWhatItIsFor) {
  std::set<std::string, std::less<>> observed;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Outcome outcome = PlayOnce(GetParam(), seed, Load(SOLUTION));
    ASSERT_EQ(outcome.broken, "") << "seed " << seed << ": " << outcome.detail;
    EXPECT_EQ(outcome.recorded, PlayOnce(GetParam(), seed, Load(SOLUTION)).recorded);
    // The number of seeds that it is graded with suffices.
    if (seed <= static_cast<std::uint64_t>(GetParam().seeds))
      observed.insert(outcome.observed.begin(), outcome.observed.end());
  }
  for (const char* expected : GetParam().must_observe) {
    EXPECT_TRUE(observed.contains(expected)) << expected;
  }
}

TEST_P(HashRingScenarioTest, TheVariantPasses) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Outcome outcome = PlayOnce(GetParam(), seed, Load(VARIANT));
    ASSERT_EQ(outcome.broken, "") << "seed " << seed << ": " << outcome.detail;
    EXPECT_EQ(outcome.recorded, PlayOnce(GetParam(), seed, Load(SOLUTION)).recorded);
  }
}

TEST_P(HashRingScenarioTest, TheSkeletonSaysWhatToWrite) {
  const Outcome outcome = PlayOnce(GetParam(), 1, Load(SKELETON));
  EXPECT_EQ(outcome.broken, "not written");
  EXPECT_NE(outcome.detail.find(std::string("handout ") + GetParam().part), std::string::npos)
      << outcome.detail;
}

INSTANTIATE_TEST_SUITE_P(All, HashRingScenarioTest, testing::ValuesIn(RingScenarios()),
                         [](const auto& scenario) { return std::string(scenario.param.name); });

TEST(HashRingScenariosTest, NoArrangementThatSeedsCanDrawIsUneven) {
  for (const Scenario& scenario : RingScenarios()) {
    if (std::string_view(scenario.name) != "EvenShares") continue;
    for (std::uint64_t seed = 201; seed <= 700; ++seed) {  // of forty arrangements
      const Outcome outcome = PlayOnce(scenario, seed, Load(SOLUTION));
      EXPECT_EQ(outcome.broken, "") << outcome.detail;
    }
  }
}

/// The lists of a key are compared with what they were: a key drawn twice would have changed
/// meanwhile. Seed 812 drew "C" twice, and failed the reference.
TEST(HashRingScenariosTest, NoKeyIsDrawnTwice) {
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    sim::Rng random(seed, 0);
    const std::vector<std::string> keys = DrawKeys(random, 60);
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 60u) << "seed " << seed;
  }
}

TEST(HashRingScenariosTest, PartsAAndBAreWorthThirtyFivePoints) {
  int points = 0;
  for (const Scenario& scenario : RingScenarios()) points += scenario.points;
  EXPECT_EQ(points, 35);
}

}  // namespace
}  // namespace quorum::grader
