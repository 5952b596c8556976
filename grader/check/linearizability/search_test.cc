#include "grader/check/linearizability/search.h"

#include <limits>
#include <numeric>

#include "grader/check/linearizability/history_generator.h"
#include "gtest/gtest.h"

namespace quorum::check {
namespace {

constexpr Budget kAmple{.steps = 50'000'000, .bytes = std::size_t{1} << 28};

/// The answer of a search, and what it blames.
struct Answer {
  Search::Outcome outcome;
  std::size_t culprit = 0;
  std::size_t placed = 0;
  bool operator==(const Answer&) const = default;
};

Answer Ask(const History& history, Model model, const Search::Tuning& tuning,
           const Budget& limit = kAmple) {
  std::vector<std::uint32_t> all(history.size());
  std::iota(all.begin(), all.end(), 0);
  const KeyHistory key(history, all, model);
  Budget spent{.steps = 0, .bytes = 0};
  Search search(key, limit, spent, tuning);
  Answer answer{.outcome = search.Run()};
  if (answer.outcome == Search::Outcome::kIllegal) {
    const Search::Culprit culprit = search.FindCulprit();
    EXPECT_TRUE(culprit.exact);
    answer.culprit = key.moves()[culprit.move].operation;
    for (const std::uint32_t move : search.OrderBefore(culprit.move)) {
      const Operation& placed = history[key.moves()[move].operation];
      const Operation& blamed = history[answer.culprit];
      answer.placed += placed.ret.has_value() && *placed.ret < *blamed.ret ? 1 : 0;
    }
  }
  return answer;
}

History MakeSpoiltHistory(std::uint64_t seed, Model& model) {
  HistoryShape shape;
  shape.operations = 60;
  shape.clients = static_cast<std::int64_t>(3 + seed % 4);
  shape.puts = static_cast<int>(1 + seed % 2);
  shape.appends = static_cast<int>(seed / 2 % 3 / 2);
  shape.cas = static_cast<int>(seed / 8 % 2);
  shape.unknown = static_cast<int>(seed / 16 % 2 * 5);
  shape.values = static_cast<int>(seed / 32 % 2 * 2);
  shape.model = model = seed % 3 == 0 ? Model::kRegister : Model::kKv;
  History history = MakeHistory(shape, seed);
  Operation& late = history[40 + seed % 20];
  if (seed % 2 == 0 && late.op == OpKind::kGet) {
    late.result = history[seed % 40].value;
  } else if (seed % 4 == 1 && late.op == OpKind::kCas && late.ret.has_value()) {
    late.swapped = !late.swapped;
  }
  return history;
}

TEST(SearchTest, SightAndWidthDoNotChangeTheAnswer) {
  int illegal = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Model model = Model::kKv;
    const History history = MakeSpoiltHistory(seed, model);
    const Answer expected = Ask(history, model, {});
    ASSERT_NE(expected.outcome, Search::Outcome::kOutOfSteps);
    illegal += expected.outcome == Search::Outcome::kIllegal ? 1 : 0;
    EXPECT_EQ(Ask(history, model, {.sight = 256, .width = 2}), expected) << seed;
    EXPECT_EQ(Ask(history, model, {.sight = 2, .width = 8}), expected) << seed;
    EXPECT_EQ(Ask(history, model, {.sight = 20, .width = 3}), expected) << seed;
  }
  EXPECT_GT(illegal, 150);
}

TEST(SearchTest, NeverHoldsMoreThanItsBudgetOfBytes) {
  HistoryShape shape;
  shape.operations = 2000;
  shape.clients = 30;
  shape.cas = 1;
  shape.values = 3;
  shape.unknown = 20;
  const History history = MakeHistory(shape, 1);
  std::vector<std::uint32_t> all(history.size());
  std::iota(all.begin(), all.end(), 0);
  const KeyHistory key(history, all, Model::kKv);
  for (const std::size_t bytes : {std::size_t{1} << 16, std::size_t{1} << 20}) {
    Budget spent{.steps = 0, .bytes = 0};
    Search search(key, {.steps = 50'000'000, .bytes = bytes}, spent);
    EXPECT_EQ(search.Run(), Search::Outcome::kOutOfBytes);
    EXPECT_LT(spent.bytes, bytes * 3 / 2);
  }
}

TEST(SearchTest, StopsWhenItsStepsAreSpent) {
  const History history = MakeHistory({.operations = 1000}, 1);
  const Answer answer = Ask(history, Model::kKv, {}, {.steps = 100, .bytes = kAmple.bytes});
  EXPECT_EQ(answer.outcome, Search::Outcome::kOutOfSteps);
}

}  // namespace
}  // namespace quorum::check
