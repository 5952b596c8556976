// The reference of lab 3, and a right solution of another shape, in its small worlds.

#include "grader/explore/raft/worlds.h"

#include <gtest/gtest.h>

#include <string>

#include "common/node/module_loader.h"
#include "grader/explore/explore.h"
#include "grader/explore/worlds.h"

namespace quorum::explore {
namespace {

class EveryWorldTest : public testing::TestWithParam<std::tuple<std::string, const char*>> {};

TEST_P(EveryWorldTest, TheSolutionIsRight) {
  const auto& [name, path] = GetParam();
  const auto module = LoadModule(path);
  ASSERT_TRUE(module.ok()) << module.status();
  for (const WorldSpec& spec : raft::Worlds()) {
    if (name != spec.name) continue;
    const auto factories = FactoriesFor(spec, **module);
    ASSERT_TRUE(factories.ok()) << factories.status();
    const Exploration result = Explore(spec, *factories, {.states = 30'000, .walks = 500});
    EXPECT_FALSE(result.has_failure()) << result.DebugString();
    EXPECT_EQ(result.unreachable(), "");
    EXPECT_GT(result.states(), 1'000u);
  }
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const WorldSpec& spec : raft::Worlds()) names.emplace_back(spec.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, EveryWorldTest,
                         testing::Combine(testing::ValuesIn(Names()),
                                          testing::Values(RAFT_SOLVED, RAFT_VARIANT)),
                         [](const auto& info) {
                           return std::get<0>(info.param) + (info.index % 2 == 0 ? "" : "Plain");
                         });

}  // namespace
}  // namespace quorum::explore
