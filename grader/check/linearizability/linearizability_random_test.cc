#include <algorithm>
#include <random>
#include <sstream>

#include "grader/check/linearizability/explain.h"
#include "grader/check/linearizability/history_generator.h"
#include "grader/check/linearizability/history_json.h"
#include "grader/check/linearizability/linearizability.h"
#include "grader/check/linearizability/plain_checker.h"
#include "gtest/gtest.h"

namespace quorum::check {
namespace {

std::string Show(const History& history) {
  std::ostringstream out;
  WriteHistory(history, out);
  return out.str();
}

/// Small histories of every kind, legal and not.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  History Make() {
    HistoryShape shape;
    shape.operations = 2 + Below(7);
    shape.clients = static_cast<std::int64_t>(1 + Below(5));
    shape.keys = Below(8) == 0 ? 2 : 1;
    shape.gets = static_cast<int>(20 + Below(50));
    shape.puts = static_cast<int>(Below(3));
    shape.appends = static_cast<int>(Below(3) * Below(2));
    shape.cas = static_cast<int>(Below(3) * Below(2));
    shape.unknown = static_cast<int>(Below(3) * 20);
    shape.values = static_cast<int>(Below(3));
    shape.tie = static_cast<int>(Below(8));
    shape.model = model_ = Below(2) == 0 ? Model::kKv : Model::kRegister;
    History history = MakeHistory(shape, random_());
    for (std::uint64_t i = Below(6); i > 0; --i) {
      Spoil(history);
    }
    std::shuffle(history.begin(), history.end(), random_);
    return history;
  }

  Model model() const { return model_; }

 private:
  std::uint64_t Below(std::uint64_t bound) { return random_() % bound; }

  std::optional<std::string> SomeValue(const History& history) {
    const Operation& other = history[Below(history.size())];
    switch (Below(4)) {
      case 0:
        return std::nullopt;
      case 1:
        return other.result;
      case 2:
        return other.result.value_or("") + other.value;
      default:
        return other.value;
    }
  }

  void Spoil(History& history) {
    Operation& op = history[Below(history.size())];
    if (op.op == OpKind::kGet && op.ret.has_value()) {
      op.result = SomeValue(history);
    } else if (op.op == OpKind::kCas) {
      op.expect = SomeValue(history);
      op.swapped = op.ret.has_value() && Below(2) == 0;
    } else if (op.ret.has_value()) {
      op.call += static_cast<std::int64_t>(Below(6));
      op.ret = std::max(op.call, *op.ret + static_cast<std::int64_t>(Below(4)) - 2);
    }
  }

  std::mt19937_64 random_;
  Model model_ = Model::kKv;
};

/// What is known of the culprit's key just before the culprit returns, or just after. Of those that
/// are then under way, a cas that will not succeed has no effect.
History Until(const History& history, const Violation& violation, bool after) {
  const std::int64_t instant = *violation.operation.ret;
  History prefix;
  for (std::size_t i = 0; i < history.size(); ++i) {
    Operation op = history[i];
    const bool returned =
        op.ret.has_value() && (*op.ret < instant || (*op.ret == instant && i < violation.index));
    if (!returned && !(after && i == violation.index)) {
      op.ret.reset();
    }
    const bool no_effect = op.op == OpKind::kCas && history[i].ret.has_value() && !op.swapped;
    if (op.key == violation.key && op.call <= instant && (op.ret.has_value() || !no_effect)) {
      prefix.push_back(op);
    }
  }
  return prefix;
}

/// Whether the prefix is an order of what has returned before the culprit that respects real time
/// and every result, and ends in the value given.
void ExpectLegalOrder(const History& history, const Violation& violation, Model model) {
  std::optional<std::string> value;
  std::vector<int> placed(history.size(), 0);
  for (const std::size_t index : violation.prefix) {
    Operation op = history[index];
    for (std::size_t i = 0; i < history.size(); ++i) {
      const bool precedes = history[i].ret.has_value() && *history[i].ret < op.call;
      EXPECT_TRUE(history[i].key != op.key || !precedes || placed[i] != 0) << index;
    }
    EXPECT_EQ(op.key, violation.key);
    EXPECT_TRUE(PlainlyApply(op, model, value)) << index;
    ++placed[index];
  }
  EXPECT_EQ(value, violation.value);
  const std::int64_t instant = *violation.operation.ret;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const bool returned = history[i].ret.has_value() && *history[i].ret < instant;
    EXPECT_LE(placed[i], 1);
    EXPECT_TRUE(placed[i] == 1 || !returned || history[i].key != violation.key) << i;
  }
}

TEST(LinearizabilityRandomTest, AgreesWithThePlainChecker) {
#ifdef __SANITIZE_ADDRESS__
  constexpr int kHistories = 20'000;
#else
  constexpr int kHistories = 100'000;
#endif
  Maker maker(1);
  int illegal = 0;
  for (int i = 0; i < kHistories && !testing::Test::HasFailure(); ++i) {
    const History history = maker.Make();
    SCOPED_TRACE(Show(history));
    const CheckResult result = CheckHistory(history, maker.model());
    ASSERT_NE(result.verdict, Verdict::kUnknown);
    const bool legal = result.verdict == Verdict::kLinearizable;
    ASSERT_EQ(legal, PlainlyLinearizable(history, maker.model())) << Explain(result);
    if (!legal) {
      ++illegal;
      SCOPED_TRACE(Explain(result));
      const Violation& violation = *result.violation;
      EXPECT_TRUE(violation.exact);
      EXPECT_TRUE(PlainlyLinearizable(Until(history, violation, false), maker.model()));
      EXPECT_FALSE(PlainlyLinearizable(Until(history, violation, true), maker.model()));
      ExpectLegalOrder(history, violation, maker.model());
    }
  }
  EXPECT_GT(illegal, kHistories / 4);
  EXPECT_LT(illegal, kHistories * 3 / 4);
}

TEST(LinearizabilityRandomTest, TheHistoryOfARealOrderIsLegal) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    HistoryShape shape;
    shape.operations = 400;
    shape.keys = static_cast<int>(1 + seed % 3);
    shape.clients = static_cast<std::int64_t>(2 + seed % 9);
    shape.puts = static_cast<int>(seed % 4);
    shape.appends = static_cast<int>(seed / 4 % 3);
    shape.cas = static_cast<int>(seed / 12 % 3);
    shape.unknown = static_cast<int>(seed % 5);
    shape.values = static_cast<int>(seed % 2 * 4);
    shape.model = seed / 2 % 2 == 0 ? Model::kKv : Model::kRegister;
    const CheckResult result = CheckHistory(MakeHistory(shape, seed), shape.model);
    EXPECT_EQ(result.verdict, Verdict::kLinearizable) << seed << ": " << Explain(result);
  }
}

}  // namespace
}  // namespace quorum::check
