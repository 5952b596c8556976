// The explorer against a naive one, against known bugs, and against itself.

#include <gtest/gtest.h>

#include <string>

#include "grader/explore/search.h"
#include "grader/explore/testing/naive_explorer.h"
#include "grader/explore/testing/toy_node.h"
#include "grader/explore/testing/toy_worlds.h"

namespace quorum::explore {
namespace {

using toy::MakeToyWorld;
using toy::ToyFactories;
using toy::ToyOptions;

Coverage Search(const WorldSpec& spec, const Limits& limits = {}) {
  Space space(spec, ToyFactories(spec));
  return SearchBreadthFirst(space, space.Start(), limits);
}

/// The naive explorer visits the same states, and sees the same things wrong.
void ExpectSameAsNaive(const ToyOptions& options) {
  const WorldSpec spec = MakeToyWorld(options);
  const NaiveResult naive = NaiveExplore(spec, ToyFactories(spec));
  const Coverage coverage = Search(spec);
  if (naive.details.empty()) {
    EXPECT_TRUE(coverage.exhausted);
    EXPECT_EQ(coverage.states, naive.states);
    EXPECT_EQ(coverage.depth, naive.depth);
    return;
  }
  ASSERT_TRUE(coverage.broken);
  EXPECT_EQ(coverage.depth, naive.nearest_breach);
  const WorldSpec again = MakeToyWorld(options);
  Space space(again, ToyFactories(again));
  const Coverage once_more = SearchBreadthFirst(space, space.Start(), {});
  const auto breach = space.Examine(*once_more.broken);
  ASSERT_TRUE(breach);
  EXPECT_TRUE(naive.details.contains(breach->failure ? breach->sentence : breach->detail));
}

TEST(ExploreTest, AgreesWithTheNaiveExplorerWithoutFaults) {
  ExpectSameAsNaive({.nodes = 2, .proposers = 2, .bugs = toy::kAsksOnce});
  ExpectSameAsNaive({.nodes = 3, .proposers = 1, .bugs = toy::kAsksOnce});
}

TEST(ExploreTest, AgreesWithTheNaiveExplorerWithDuplicates) {
  ExpectSameAsNaive({.nodes = 2, .proposers = 1, .budgets = {.duplicates = 2}});
  ExpectSameAsNaive({.nodes = 2, .proposers = 2, .budgets = {.duplicates = 1}});
}

TEST(ExploreTest, AgreesWithTheNaiveExplorerWithLostCalls) {
  ExpectSameAsNaive({.nodes = 2, .proposers = 2, .budgets = {.lost_calls = 2}});
}

TEST(ExploreTest, AgreesWithTheNaiveExplorerWithTimers) {
  ExpectSameAsNaive({.nodes = 2, .proposers = 1, .ballots = 3, .budgets = {.timers = 2}});
  ExpectSameAsNaive(
      {.nodes = 2, .proposers = 1, .ballots = 2, .budgets = {.lost_calls = 1, .timers = 1}});
}

TEST(ExploreTest, TimersThatFireInVainTakeNoEvent) {
  const ToyOptions options = {
      .nodes = 2, .proposers = 1, .bugs = toy::kLooksAround, .budgets = {.timers = 1}};
  ExpectSameAsNaive(options);
  const WorldSpec spec = MakeToyWorld(options);
  Space space(spec, ToyFactories(spec));
  LocalGraph& graph = space.graph();
  const std::uint32_t proposes =
      graph.Next(graph.Root(0), graph.ArrivalOf(graph.operations().front()).event);
  const std::uint32_t later =
      graph.Next(proposes, graph.EventNumber({.kind = Event::Kind::kAdvance}));
  EXPECT_FALSE(graph.Sent(graph[later]).empty()) << "it asks again";
}

TEST(ExploreTest, AgreesWithTheNaiveExplorerWithCrashes) {
  ExpectSameAsNaive({.nodes = 2, .proposers = 1, .budgets = {.crashes = 2}});
  ExpectSameAsNaive(
      {.nodes = 2, .proposers = 1, .bugs = toy::kAcceptNotSynced, .budgets = {.crashes = 1}});
}

TEST(ExploreTest, AgreesWithTheNaiveExplorerWithGivenNodes) {
  ExpectSameAsNaive({.nodes = 2, .proposers = 1, .budgets = {.crashes = 1}, .given = 1});
  ExpectSameAsNaive({.nodes = 2, .proposers = 2, .budgets = {.lost_calls = 1}, .given = 1});
  ExpectSameAsNaive(
      {.nodes = 2, .proposers = 1, .budgets = {.duplicates = 1, .timers = 1}, .given = 1});
}

TEST(ExploreTest, NothingGoesWrongWithGivenNodes) {
  const ToyOptions options = {.nodes = 2, .proposers = 1, .budgets = {.crashes = 1}};
  ToyOptions given = options;
  given.given = 2;
  const Coverage none = Search(MakeToyWorld({.nodes = 2, .proposers = 1}));
  EXPECT_EQ(Search(MakeToyWorld(given)).states, none.states);
  EXPECT_GT(Search(MakeToyWorld(options)).states, none.states);
}

TEST(ExploreTest, ATimerOfNoDelayIsPartOfTheEventThatSetsIt) {
  const ToyOptions options = {.nodes = 2, .proposers = 2, .bugs = toy::kAsksOnce};
  ToyOptions soon = options;
  soon.bugs |= toy::kBeginsSoon;
  EXPECT_EQ(Search(MakeToyWorld(soon)).states, Search(MakeToyWorld(options)).states);
  soon.budgets = {.crashes = 1};
  ExpectSameAsNaive(soon);
}

TEST(ExploreTest, AgreesWithTheNaiveExplorerAboutWhatIsWrong) {
  ExpectSameAsNaive({.nodes = 2, .proposers = 2, .bugs = toy::kQuorumTooSmall});
  ExpectSameAsNaive({.nodes = 2, .proposers = 2, .bugs = toy::kDiesOfOldBallot});
}

TEST(ExploreTest, ExhaustsTwoProposers) {
  const Coverage coverage = Search(MakeToyWorld({}));
  EXPECT_TRUE(coverage.exhausted);
  EXPECT_FALSE(coverage.broken);
  EXPECT_GT(coverage.states, 1'000'000u);
  // The same on every machine, and in every process.
  EXPECT_EQ(coverage.states, 2'753'595u);
  EXPECT_EQ(coverage.depth, 18u);
}

TEST(ExploreTest, SaysThatItHasStopped) {
  const Coverage few = Search(MakeToyWorld({}), {.states = 1000});
  EXPECT_FALSE(few.exhausted);
  EXPECT_GE(few.states, 1000u);
  EXPECT_LT(few.states, 1100u);
  const Coverage shallow = Search(MakeToyWorld({}), {.depth = 5});
  EXPECT_FALSE(shallow.exhausted);
  EXPECT_EQ(shallow.depth, 5u);
}

/// Which world shows which bug, and how far away at most.
struct Known {
  const char* name;
  ToyOptions options;
};

class KnownBugTest : public testing::TestWithParam<Known> {};

TEST_P(KnownBugTest, IsFoundByWalksAndBySearch) {
  const WorldSpec spec = MakeToyWorld(GetParam().options);
  Space space(spec, ToyFactories(spec));
  Walks walks = WalkAtRandom(space, space.Start(), 200'000, 1000, 1);
  ASSERT_TRUE(walks.broken) << "by " << walks.walks << " walks";
  RecordProperty("walks", std::to_string(walks.walks));
  const auto breach = space.Examine(*walks.broken);
  ASSERT_TRUE(breach);
  EXPECT_STREQ(breach->statement.name, "toy.agreement");
  State shortened;
  Shorten(space, space.Start(), walks.path, shortened);
  EXPECT_TRUE(space.Examine(shortened));
  const Coverage coverage = SearchBreadthFirst(space, space.Start(), {});
  ASSERT_TRUE(coverage.broken) << coverage.states << " states, depth " << coverage.depth;
  EXPECT_LE(coverage.depth, walks.path.size());
  RecordProperty("states", std::to_string(coverage.states));
}

INSTANTIATE_TEST_SUITE_P(
    All, KnownBugTest,
    testing::Values(Known{"P01", {.proposers = 3, .bugs = toy::kValueOfLastPromise}},
                    Known{"P02", {.bugs = toy::kIgnoresPromisedValue}},
                    Known{"P03", {.bugs = toy::kQuorumTooSmall}},
                    Known{"P06", {.bugs = toy::kPromiseNotChecked}},
                    Known{"P08memory",
                          {.bugs = toy::kPromiseNotDurable, .budgets = {.crashes = 1}}},
                    Known{"P08late", {.bugs = toy::kPromiseWrittenLate, .budgets = {.crashes = 1}}},
                    Known{"P09", {.bugs = toy::kAcceptNotSynced, .budgets = {.crashes = 1}}}),
    [](const auto& info) { return info.param.name; });

TEST(ExploreTest, ACheckThatFailsIsABreach) {
  const WorldSpec spec = MakeToyWorld({.bugs = toy::kDiesOfOldBallot});
  Space space(spec, ToyFactories(spec));
  const Coverage coverage = SearchBreadthFirst(space, space.Start(), {});
  ASSERT_TRUE(coverage.broken);
  const auto breach = space.Examine(*coverage.broken);
  ASSERT_TRUE(breach && breach->failure);
  EXPECT_EQ(breach->sentence, "Ballots rise.");
  EXPECT_EQ(breach->failure->name, "node.check");
}

TEST(ExploreTest, ANodeThatDependsOnAddressesIsCaught) {
  const WorldSpec spec = MakeToyWorld({.bugs = toy::kUsesAddresses});
  Space space(spec, ToyFactories(spec));
  const Coverage coverage = SearchBreadthFirst(space, space.Start(), {});
  ASSERT_TRUE(coverage.broken);
  const auto breach = space.Examine(*coverage.broken);
  ASSERT_TRUE(breach && breach->failure);
  EXPECT_EQ(breach->failure->name, "node.deterministic");
}

/// Every remembered step is what a fresh instance does that relives the whole history.
TEST(ExploreTest, WhatIsRememberedIsWhatAFreshInstanceDoes) {
  const WorldSpec spec =
      MakeToyWorld({.ballots = 2,
                    .bugs = toy::kAcceptNotSynced,
                    .budgets = {.duplicates = 1, .lost_calls = 1, .timers = 1, .crashes = 1}});
  Space space(spec, ToyFactories(spec));
  WalkAtRandom(space, space.Start(), 300, 1000, 7);
  LocalGraph& graph = space.graph();
  for (std::uint32_t local = 0; local < graph.size(); local += 1 + local % 13) {
    if (graph[local].failed) continue;
    const StepResult last = graph.Relive(local).back();
    std::vector<std::uint32_t> sent;
    for (const Effect& effect : last.effects) {
      if (effect.kind != Effect::Kind::kSent) continue;
      if (graph.messages()[effect.message].to != 0) sent.push_back(effect.message);
    }
    const auto remembered = graph.Sent(graph[local]);
    EXPECT_EQ(sent, std::vector<std::uint32_t>(remembered.begin(), remembered.end()));
    EXPECT_EQ(last.has_timer, graph[local].has_timer);
    EXPECT_EQ(last.open_calls.size(), graph[local].open_count);
    EXPECT_EQ(last.unsynced_left, graph[local].unsynced_left);
  }
}

TEST(ExploreTest, WalksRepeat) {
  const WorldSpec spec = MakeToyWorld({.budgets = {.duplicates = 1, .crashes = 1}});
  Space one(spec, ToyFactories(spec));
  const Walks first = WalkAtRandom(one, one.Start(), 500, 1000, 3);
  const WorldSpec same = MakeToyWorld({.budgets = {.duplicates = 1, .crashes = 1}});
  Space other(same, ToyFactories(same));
  const Walks second = WalkAtRandom(other, other.Start(), 500, 1000, 3);
  EXPECT_EQ(first.steps, second.steps);
  EXPECT_EQ(one.graph().size(), other.graph().size());
}

}  // namespace
}  // namespace quorum::explore
