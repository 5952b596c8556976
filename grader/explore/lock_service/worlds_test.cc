// The reference of lab 4, and a right solution of another shape, in its small worlds; and known
// bugs that die there.

#include "grader/explore/lock_service/worlds.h"

#include <gtest/gtest.h>

#include <string>

#include "common/node/module_loader.h"
#include "grader/explore/explore.h"
#include "grader/explore/worlds.h"

namespace quorum::explore {
namespace {

Exploration ExploreWith(const std::string& path, const std::string& name,
                        const ExploreOptions& options) {
  const auto module = LoadModule(path);
  EXPECT_TRUE(module.ok()) << module.status();
  for (const WorldSpec& spec : locks::Worlds()) {
    if (name != spec.name) continue;
    const auto factories = FactoriesFor(spec, **module);
    EXPECT_TRUE(factories.ok()) << factories.status();
    return Explore(spec, *factories, options);
  }
  ADD_FAILURE() << "There is no world " << name << ".";
  return {};
}

TEST(LockWorldsTest, TwoClientsAndOneLockAreExhausted) {
  const Exploration result = ExploreWith(LOCK_SOLVED, "TwoClientsOneLock", {});
  EXPECT_FALSE(result.has_failure()) << result.DebugString();
  EXPECT_TRUE(result.exhausted());
  EXPECT_GT(result.states(), 1'000u);
}

TEST(LockWorldsTest, AFailOverInALockDelayIsExhausted) {
  const Exploration result = ExploreWith(LOCK_SOLVED, "TwoClientsLockDelay", {.walks = 100});
  EXPECT_FALSE(result.has_failure()) << result.DebugString();
  EXPECT_TRUE(result.exhausted());
  EXPECT_GT(result.states(), 80'000u);
}

class EveryWorldTest : public testing::TestWithParam<std::tuple<std::string, const char*>> {};

TEST_P(EveryWorldTest, TheSolutionIsRight) {
  const auto& [name, path] = GetParam();
  const Exploration result = ExploreWith(path, name, {.states = 10'000, .walks = 300});
  EXPECT_FALSE(result.has_failure()) << result.DebugString();
  EXPECT_EQ(result.unreachable(), "");
  EXPECT_GT(result.states(), 1'000u);
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const WorldSpec& spec : locks::Worlds()) names.emplace_back(spec.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, EveryWorldTest,
                         testing::Combine(testing::ValuesIn(Names()),
                                          testing::Values(LOCK_SOLVED, LOCK_VARIANT)),
                         [](const auto& info) {
                           return std::get<0>(info.param) + (info.index % 2 == 0 ? "" : "Plain");
                         });

/// A known bug, where it dies, and by which rule.
struct Known {
  const char* mutant;
  const char* world;
  const char* rule;
};

class KnownLockBugTest : public testing::TestWithParam<Known> {};

TEST_P(KnownLockBugTest, Dies) {
  const Known& known = GetParam();
  const Exploration result = ExploreWith(std::string(LOCK_MUTANTS "/") + known.mutant + ".so",
                                         known.world, {.states = 30'000, .walks = 1'000});
  ASSERT_TRUE(result.has_failure()) << result.DebugString();
  EXPECT_EQ(result.failure().statement(), known.rule) << result.failure().detail();
  EXPECT_GT(result.failure().steps_size(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, KnownLockBugTest,
    testing::Values(Known{"L02", "TwoClientsLease", "lock.live-sessions-lose-nothing"},
                    Known{"L03", "TwoClientsFailOver", "lock.promises-hold"},
                    Known{"L13", "TwoClientsOneLock", "lock.mutual-exclusion"},
                    Known{"L17", "TwoClientsLease", "lock.dead-sessions-own-nothing"},
                    Known{"L20", "TwoClientsFailOver", "lock.exactly-once"},
                    Known{"L26", "TwoClientsLeaseFailOver", "lock.lock-delay"},
                    Known{"L44", "TwoClientsRepeated", "lock.exactly-once"},
                    Known{"L46", "TwoClientsRepeated", "lock.exactly-once"},
                    Known{"N06", "TwoClientsLease", "lock.promises-hold"},
                    Known{"N09", "TwoClientsLockDelay", "lock.lock-delay"},
                    Known{"N62", "TwoClientsLease", "lock.promises-hold"}),
    [](const auto& info) { return info.param.mutant; });

}  // namespace
}  // namespace quorum::explore
