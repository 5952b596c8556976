// The reference of lab 2 in its small worlds.

#include "grader/explore/paxos/worlds.h"

#include <gtest/gtest.h>

#include <string>

#include "common/node/module_loader.h"
#include "grader/explore/explore.h"
#include "grader/explore/worlds.h"

namespace quorum::explore {
namespace {

Exploration ExploreReference(const std::string& name, const ExploreOptions& options = {}) {
  const auto module = LoadModule(SOLUTION);
  EXPECT_TRUE(module.ok()) << module.status();
  for (const WorldSpec& spec : AllWorlds()) {
    if (name != spec.name) continue;
    const auto factories = FactoriesFor(spec, **module);
    EXPECT_TRUE(factories.ok()) << factories.status();
    return Explore(spec, *factories, options);
  }
  ADD_FAILURE() << "There is no world " << name << ".";
  return {};
}

TEST(PaxosWorldsTest, TwoProposersAreExhausted) {
  const Exploration result = ExploreReference("TwoProposers");
  EXPECT_FALSE(result.has_failure()) << result.DebugString();
  EXPECT_TRUE(result.exhausted());
  EXPECT_GT(result.states(), 1'000'000u);
}

class EveryWorldTest : public testing::TestWithParam<const WorldSpec*> {};

TEST_P(EveryWorldTest, TheReferenceIsRight) {
  const Exploration result =
      ExploreReference(GetParam()->name, {.states = 100'000, .walks = 3'000});
  EXPECT_FALSE(result.has_failure()) << result.DebugString();
  EXPECT_EQ(result.unreachable(), "");
}

std::vector<const WorldSpec*> Pointers() {
  std::vector<const WorldSpec*> worlds;
  for (const WorldSpec& spec : AllWorlds()) {
    if (spec.lab == std::string("paxos")) worlds.push_back(&spec);
  }
  return worlds;
}

INSTANTIATE_TEST_SUITE_P(All, EveryWorldTest, testing::ValuesIn(Pointers()),
                         [](const auto& info) { return std::string(info.param->name); });

}  // namespace
}  // namespace quorum::explore
